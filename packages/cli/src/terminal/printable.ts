/** Text of others on a terminal: the contract says what hides or acts, so that people and models see the same. */
export {
  escapeHidden as printable,
  escapeHiddenJson as printableJson,
  escapeHiddenLines as printableLines,
} from '@agentmix/act-contract';
