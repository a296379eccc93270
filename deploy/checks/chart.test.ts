import { beforeAll, describe, expect, it } from 'vitest';
import { runPython } from './tools.ts';

interface Document {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>>;
}
interface Answer {
  readonly error?: string;
  readonly documents?: readonly Document[];
  readonly invalid?: readonly string[];
  readonly lint?: { readonly messages: readonly { readonly severity: number; readonly error: string }[] };
}
type Values = Readonly<Record<string, unknown>>;

const ingress = { enabled: true, host: 'act.example', tlsSecretName: 'act-tls', className: 'nginx' };
const full = {
  autoscaling: { enabled: true, minReplicas: 3, maxReplicas: 9 },
  ingress,
  serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
  tls: { by: 'hub', secretName: 'act-tls' },
  database: { inClear: true, caConfigMap: 'database-ca' },
  redis: { inClear: true },
  kafka: { brokers: ['kafka-0:9092', 'kafka-1:9092'] },
  env: { ACT_LOG_LEVEL: 'warn', ACT_LOG_RETENTION_HOURS: 48 },
  networkPolicy: { from: [{ podSelector: { matchLabels: { app: 'proxy' } } }] },
  image: { digest: `sha256:${'0'.repeat(64)}`, pullSecrets: [{ name: 'registry' }] },
  nodeSelector: { disk: 'fast' },
  podAnnotations: { note: 'x' },
  allowedHosts: ['act.internal'],
  allowedOrigins: ['https://board.example'],
};
const few = {
  replicas: 1,
  migrations: { enabled: false },
  podDisruptionBudget: { enabled: false },
  networkPolicy: { enabled: false },
};
const refused: readonly (readonly [string, Values, RegExp])[] = [
  ['no replica', { replicas: 0 }, /replicas/],
  ['half a replica', { replicas: 1.5 }, /replicas/],
  ['a port out of range', { service: { port: 99_999 } }, /service\/port/],
  ['an embedded database, which replicas cannot share', { database: { embedded: true } }, /embedded/],
  ['TLS by the hub without a certificate', { tls: { by: 'hub' } }, /tls\/secretName/],
  ['calls in the clear', { tls: { by: 'none' } }, /tls\/by/],
  ['an ingress without TLS', { ingress: { enabled: true, host: 'act.example' } }, /tlsSecretName/],
  ['a misspelt value', { replica: 3 }, /replica/],
  ['no secret', { existingSecret: '' }, /existingSecret/],
  ['brokers in clear by another word', { kafka: { inClear: 'yes' } }, /inClear/],
  ['a Redis in clear by another word', { redis: { inClear: 'yes' } }, /redis\/inClear/],
  ['the URL of Redis among plain variables', { env: { REDIS_URL: 'redis://…' } }, /REDIS_URL/],
  ['a broker without its port', { kafka: { brokers: ['kafka'] } }, /brokers/],
  ['memory that is no amount', { resources: { limits: { memory: 'much' } } }, /memory/],
  ['a secret among plain variables', { env: { DATABASE_URL: 'postgres://…' } }, /DATABASE_URL/],
  [
    'more replicas at least than at most',
    { autoscaling: { enabled: true, minReplicas: 9 } },
    /minReplicas 9/,
  ],
  [
    'a stop before the pause has ended',
    { preStopSeconds: 60, terminationGracePeriodSeconds: 30 },
    /terminationGracePeriodSeconds/,
  ],
];

const tried = (values: readonly Values[]): readonly Answer[] =>
  runPython<readonly Answer[]>('chart.py', values, 'deploy/helm/act-hub');

const find = ({ documents = [] }: Answer, kind: string): Document => {
  const found = documents.find((document) => document.kind === kind);
  if (!found) throw new Error(`no ${kind}`);
  return found;
};

describe('the chart', () => {
  let answers: readonly Answer[];
  let ordinary: Answer;
  beforeAll(() => {
    answers = tried([{}, full, few]);
    [ordinary = {}] = answers;
  });

  it('passes helm lint, and Kubernetes takes all it makes, with few, its own and all values', () => {
    for (const { error, invalid, lint } of answers) {
      expect(error).toBeUndefined();
      expect(invalid).toEqual([]);
      expect(lint?.messages.filter(({ severity }) => severity > 1)).toEqual([]);
    }
    const kinds = answers.map(({ documents = [] }) => documents.map(({ kind }) => kind).toSorted());
    expect(kinds).toEqual([
      ['Deployment', 'Job', 'NetworkPolicy', 'PodDisruptionBudget', 'Service', 'ServiceAccount'],
      [
        'Deployment',
        'HorizontalPodAutoscaler',
        'Ingress',
        'Job',
        'NetworkPolicy',
        'PodDisruptionBudget',
        'Service',
        'ServiceAccount',
        'ServiceMonitor',
      ],
      ['Deployment', 'Service', 'ServiceAccount'],
    ]);
  });

  it('runs three hubs within the limits of the seed, restricted as Kubernetes knows it', () => {
    expect(find(ordinary, 'Deployment').spec).toMatchObject({
      replicas: 3,
      template: {
        spec: {
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              resources: {
                requests: { cpu: '250m', memory: '256Mi' },
                limits: { cpu: '500m', memory: '512Mi' },
              },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
        },
      },
    });
  });

  it('makes the schema before hubs are exchanged, in a pod that alone gets the URL for it', () => {
    const job = find(ordinary, 'Job');
    expect(job.metadata.annotations).toMatchObject({ 'helm.sh/hook': 'pre-install,pre-upgrade' });
    expect(JSON.stringify(job.spec)).toContain('migrate-url');
    expect(JSON.stringify(find(ordinary, 'Deployment').spec)).not.toContain('migrate-url');
  });

  it('gives the hubs the URL of Redis from the Secret, and says that nobody else is on the network only when told', () => {
    const [plain, told] = [ordinary, answers[1] ?? {}].map((answer) =>
      JSON.stringify(find(answer, 'Deployment').spec),
    );
    for (const spec of [plain, told])
      expect(spec).toContain(
        '{"name":"REDIS_URL","valueFrom":{"secretKeyRef":{"name":"act-hub-secrets","key":"redis-url","optional":true}}}',
      );
    expect(plain).not.toContain('REDIS_IN_CLEAR');
    expect(told).toContain('REDIS_IN_CLEAR');
  });

  it('leaves the number of hubs to the autoscaler where there is one', () => {
    expect(find(answers[1] ?? {}, 'Deployment').spec).not.toHaveProperty('replicas');
  });
});

describe('values out of range', () => {
  let answers: readonly Answer[];
  beforeAll(() => {
    answers = tried(refused.map(([, values]) => values));
  });
  it.each(refused.map(([what, , words], index) => ({ what, words, index })))(
    'are refused: $what',
    ({ words, index }) => {
      expect(answers[index]?.error).toMatch(words);
    },
  );
});
