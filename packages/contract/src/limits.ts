/** Every limit of the wire in one place: characters for text, items for lists, milliseconds for time. */
export const TITLE_CHARS_MAX = 255;
export const DESCRIPTION_CHARS_MAX = 16_384;
export const NOTE_CHARS_MAX = 4_096;
export const NAME_CHARS_MAX = 100;
export const KEY_CHARS_MAX = 255;
export const PATH_CHARS_MAX = 500;
export const PATHS_MAX = 256;
export const CHECKS_MAX = 64;
export const CAPABILITIES_MAX = 64;
export const DEPENDENCIES_MAX = 256;
export const PLAN_ITEMS_MAX = 2_000;
export const CONTENT_BYTES_MAX = 65_536;
/** Of a sealed message’s plaintext: as base64url, in its envelope, it fits CONTENT_BYTES_MAX. */
export const SEALED_PLAINTEXT_BYTES_MAX = 48_128;
export const STATE_VALUE_BYTES_MAX = 16_384;
export const STATE_KEYS_MAX = 1_000;
export const FILE_CHANGES_MAX = 500;
export const PATTERNS_MAX = 64;
/** Reservations: regions of one call, ranges of one region, and all of a project, patterns among them. */
export const REGIONS_MAX = 256;
export const RANGES_MAX = 256;
export const RESERVATIONS_MAX = 10_000;
export const PATTERN_RESERVATIONS_MAX = 256;
export const RESERVATION_IDLE_MS_DEFAULT = 600_000;
/** Worktrees of a project; files of a worktree and hunks of all of them; its merges, and conflicts of one of them. */
export const WORKTREES_MAX = 128;
export const WORKTREE_FILES_MAX = 500;
export const WORKTREE_HUNKS_MAX = 4_000;
export const MERGES_MAX = 128;
export const MERGE_PATHS_MAX = 100;
/** An escalated conflict that nobody answers for this long gets its safe default. */
export const CONFLICT_ANSWER_MS = 900_000;
/** So many refusals of one region by one holder within this time, or one wait for so long, are a contention. */
export const CONTENTION_REFUSALS = 3;
export const CONTENTION_MS = 600_000;
export const CONTENTION_WAIT_MS = 300_000;
/** Commits of one report, what each may name, and how many of a project's are remembered as counted. */
export const COMMITS_MAX = 16;
export const MENTIONS_MAX = 32;
export const MAIN_COMMITS_MAX = 1_000;
export const LINE_MAX = 10_000_000;
export const PAGE_ITEMS_MAX = 500;
export const PAGE_ITEMS_DEFAULT = 100;
export const BODY_BYTES_MAX = 1_048_576;
/** A plan comes as one body, so that it is applied whole or not at all. */
export const PLAN_BYTES_MAX = 8_388_608;
/** Nested values of any input; its schemas allow far fewer. */
export const JSON_LEVELS_MAX = 64;
/** Objects, lists and keys of one body: parsing them takes time that nobody else is served in, about 1 µs each. */
export const JSON_NODES_MAX = 60_000;
/** List items and fields of one body. */
export const JSON_VALUES_MAX = 500_000;
/** One stored file, 256 MiB, and all files of a project together unless its settings say otherwise, 10 GiB. */
export const ARTIFACT_BYTES_MAX = 268_435_456;
export const ARTIFACT_BYTES_TOTAL_DEFAULT = 10_737_418_240;
export const ARTIFACT_BYTES_TOTAL_MAX = 1_099_511_627_776;
export const ARTIFACT_NAME_CHARS_MAX = 255;
export const MEDIA_TYPE_CHARS_MAX = 127;
/** Files of one project: all of them are known in memory. */
export const ARTIFACTS_MAX = 10_000;
export const OCTET_STREAM = 'application/octet-stream';
/** What a briefing tells of each kind at most; beside it stands how many there are. */
export const BRIEFING_TASKS_MAX = 16;
export const BRIEFING_MESSAGES_MAX = 5;
export const BRIEFING_AGENTS_MAX = 32;
export const BRIEFING_CONFLICTS_MAX = 5;
export const BRIEFING_PATHS_MAX = 16;
export const WAIT_MS_MAX = 25_000;
export const LEASE_MS_MIN = 1_000;
export const LEASE_MS_MAX = 3_600_000;
export const LEASE_MS_DEFAULT = 30_000;
export const OPEN_TASKS_MAX_DEFAULT = 20_000;
/** How often a thread of messages may be passed on, and how many messages an agent may send a minute. */
export const HOPS_MAX_DEFAULT = 16;
export const MESSAGES_PER_MINUTE_DEFAULT = 120;
/** A repeated command answers as before for this long; an older command id is refused by name. */
export const IDEMPOTENCY_MS = 24 * 3_600_000;
/** How far ahead of the hub's clock a command id may be stamped. */
export const CLOCK_AHEAD_MS_MAX = 60_000;
