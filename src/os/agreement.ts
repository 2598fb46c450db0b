/**
 * Whether the kernel's books of frames say the same as the page table that gives a frame to a process. A contradiction is
 * smear (the frame was used anew between the reading of the one and of the other), or a lie.
 */
export type Agreement = 'confirmed' | 'contradicted' | 'unchecked';

/** What several pages of several processes said, before anything is made of it: the books may be misread. */
export type Trust = 'trusted' | 'refused' | 'no-sample';

/**
 * Whether a check may be believed on this image: the pages of most processes must pass it. Smear contradicts some pages of
 * some processes; a wrong place, layout or rule contradicts nearly all of all.
 *
 * @param samples - of each process, its pages
 */
export function trustIn(samples: readonly (readonly Agreement[])[]): Trust {
  let votesFor = 0;
  let votesAgainst = 0;
  for (const pages of samples) {
    const count = (word: Agreement): number => pages.filter((page) => page === word).length;
    const [confirmed, contradicted] = [count('confirmed'), count('contradicted')];
    if (confirmed + contradicted === 0) continue;
    if (confirmed > contradicted) votesFor += 1;
    else votesAgainst += 1;
  }
  if (votesFor + votesAgainst === 0) return 'no-sample';
  return votesFor > votesAgainst ? 'trusted' : 'refused';
}

/** Of a text in several frames: one contradiction is enough, and all must be confirmed. */
export function joined(parts: readonly Agreement[]): Agreement {
  if (parts.includes('contradicted')) return 'contradicted';
  return parts.length > 0 && parts.every((part) => part === 'confirmed')
    ? 'confirmed'
    : 'unchecked';
}
