/** Breaks at spaces to fit the width; a longer word is cut into lines. `first` begins the first line, `rest` the others. */
export function wrap(text: string, first: string, rest: string, width: number): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    let left = word;
    if (!isEmpty && line.length + 1 + left.length > width) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    if (!isEmpty) line += ' ';
    while (line.length + left.length > width) {
      const room = width - line.length;
      lines.push(line + left.slice(0, room));
      left = left.slice(room);
      line = rest;
    }
    line += left;
    isEmpty = false;
  }
  return [...lines, line];
}
