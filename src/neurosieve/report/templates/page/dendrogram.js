// The merges of all neurons, cut at any threshold: what merged at that height or below is one cluster.
function dendrogram({ left, right, height }, neurons) {
  // Heights ascend, so the merges of a cut are the first few of them.
  function within(threshold) {
    let low = 0;
    let high = height.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (height[middle] <= threshold) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // The last merge first: both sides of a merge belong to whatever it belongs to.
  function cut(threshold) {
    const count = within(threshold);
    const root = Int32Array.from({ length: neurons + count }, (_, node) => node);
    for (let merge = count - 1; merge >= 0; merge--) {
      root[left[merge]] = root[neurons + merge];
      root[right[merge]] = root[neurons + merge];
    }
    const members = new Map();
    for (let column = 0; column < neurons; column++) {
      if (root[column] < neurons) continue;
      if (!members.has(root[column])) members.set(root[column], []);
      members.get(root[column]).push(column);
    }
    const larger = [...members.values()].sort((a, b) => b.length - a.length || a[0] - b[0]);
    const clusters = neurons - count;
    return { clusters, singletons: clusters - larger.length, larger };
  }
  return { cut, left: (threshold) => neurons - within(threshold) };
}
