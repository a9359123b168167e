package io.lorashear.spark.overlap;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Whose each of many runs of words is: hashes in open addressing, twelve bytes a place, at most
 * half of them taken. A hash that comes twice stays with who came first.
 */
public final class GramTable implements Serializable {
  private static final long serialVersionUID = 1;

  /** Returned where nobody has the hash. */
  public static final int NOBODY = -1;

  private long[] hashes = new long[1024];
  private int[] owners = empty(1024);
  private int size;

  private static int[] empty(int places) {
    var owners = new int[places];
    Arrays.fill(owners, NOBODY);
    return owners;
  }

  /** Notes that the run with this hash is {@code owner}'s, a number from 0. */
  public void put(long hash, int owner) {
    if (2 * size >= hashes.length) {
      grow();
    }
    var place = place(hash);
    if (owners[place] == NOBODY) {
      hashes[place] = hash;
      owners[place] = owner;
      size++;
    }
  }

  /** Whose the run with this hash is, or {@link #NOBODY}. */
  public int owner(long hash) {
    return owners[place(hash)];
  }

  public int size() {
    return size;
  }

  /** Where {@code hash} stands, or would. */
  private int place(long hash) {
    var mask = hashes.length - 1;
    var place = (int) hash & mask;
    while (owners[place] != NOBODY && hashes[place] != hash) {
      place = (place + 1) & mask;
    }
    return place;
  }

  private void grow() {
    var oldHashes = hashes;
    var oldOwners = owners;
    hashes = new long[2 * oldHashes.length];
    owners = empty(2 * oldOwners.length);
    size = 0;
    for (var i = 0; i < oldHashes.length; i++) {
      if (oldOwners[i] != NOBODY) {
        put(oldHashes[i], oldOwners[i]);
      }
    }
  }
}
