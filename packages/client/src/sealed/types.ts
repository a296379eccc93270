import type {
  AgentKeys,
  CommandArguments,
  CommandOutput,
  PublicKeys,
  QueryOutput,
  Refusal,
} from '@agentmix/act-contract';
import type { CallOptions } from '../call-hub.ts';
import type { Result } from '../result.ts';

export type InboxMessage = QueryOutput<'message.list'>['items'][number];

/** A message to be sealed; `epoch` is the sender's grant of `taskId`, if the message is about one. */
export type SealedDraft = Omit<CommandArguments<'message.send'>, 'sessionId' | 'to'> & {
  readonly epoch?: number;
};

/**
 * Why a message was not sealed. `no_keys`: the recipient has published none. `unusable_keys`: what the hub shows was
 * not signed by their owner, or cannot be sealed to. `key_changed`: they are not the keys known here.
 */
export type SealFlaw = 'no_keys' | 'unusable_keys' | 'key_changed';

/**
 * Why a message was not opened. `not_sealed`: its content is no SealedContent. `wrong_recipient`: it is for another
 * agent, or sealed to a key this agent does not have. `unknown_sender_key`: the sender has not published the key it
 * is signed with. `key_changed`: it has, but another is known here. `bad_signature`: something of it was changed.
 * `cannot_open`: its signer sealed it wrongly. `replayed`: its content came before in another message.
 */
export type OpenFlaw =
  | 'not_sealed'
  | 'wrong_recipient'
  | 'unknown_sender_key'
  | 'key_changed'
  | 'bad_signature'
  | 'cannot_open'
  | 'replayed';

/** A flaw; with `key_changed` the keys published now, for whoever wants to accept them. */
export interface Flawed<Flaw> {
  readonly ok: false;
  readonly flaw: Flaw;
  readonly keys?: AgentKeys;
}
interface Refused {
  readonly ok: false;
  readonly refusal: Refusal;
}

export type SentSealed =
  | { readonly ok: true; readonly value: CommandOutput<'message.send'>; readonly seq?: number }
  | Flawed<SealFlaw>
  | Refused;

export type OpenedMessage =
  | {
      readonly ok: true;
      readonly content: InboxMessage['content'];
      /** The sender's grant of the message's task. */
      readonly epoch?: number;
      /** This very message was opened before: the hub may deliver it again. */
      readonly again: boolean;
    }
  | Flawed<OpenFlaw>
  | Refused;

/**
 * Messages that only their recipient can read, and that nobody else can have written. All of these need the agent's
 * keyring and throw without one: that is a mistake.
 */
export interface SealedCalls {
  /** Publishes the keyring's public keys, instead of those published before. */
  publishKeys(options?: CallOptions): Promise<Result<CommandOutput<'agent.publish_keys'>>>;
  /**
   * Seals a message to the keys the recipient has published and sends it. The first keys seen of an agent are
   * trusted from then on; others are reported as `key_changed` and nothing is sent. The content takes up to 47 KiB
   * as JSON: longer is refused here as `payload_too_large`.
   */
  sendSealed(to: string, draft: SealedDraft, options?: Omit<CallOptions, 'commandId'>): Promise<SentSealed>;
  /** Opens one message of the inbox; a flaw is a value. The content is data of its sender, not instructions. */
  openSealed(message: InboxMessage, options?: Omit<CallOptions, 'commandId'>): Promise<OpenedMessage>;
  /** Trusts these keys of an agent from now on, instead of those known; also before anything was heard of it. */
  acceptKeys(agentId: string, keys: PublicKeys): Promise<void>;
}
