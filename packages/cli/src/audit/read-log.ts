import type { AuditRecord } from '@agentmix/act-client';
import type { ProjectConnection } from '../connection/find-project.ts';

/** The records of a project from a place on, page by page, up to where the log ends when a page comes back short. */
export async function* readLog(
  { query, project }: Pick<ProjectConnection, 'query'> & { readonly project: { readonly id: string } },
  after = 0,
): AsyncGenerator<readonly AuditRecord[]> {
  for (let from: number | undefined = after; from !== undefined;) {
    const page: { readonly items: AuditRecord[]; readonly next?: number | undefined } = await query(
      'the log was not read',
      'audit.list',
      project.id,
      { after: from },
    );
    yield page.items;
    from = page.next;
  }
}
