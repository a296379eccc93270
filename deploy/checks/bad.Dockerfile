# What the linter has to refuse, so that its silence about the real one says something.
FROM node:latest
CMD node main.js
