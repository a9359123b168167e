package io.lorashear.spark.overlap;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Owners of many runs of words: a hash table with open addressing, twelve bytes per place, at most
 * half full. A hash that is put twice keeps its first owner.
 */
public final class GramTable implements Serializable {
  private static final long serialVersionUID = 1;

  /** Returned for hashes without an owner. */
  public static final int NOBODY = -1;

  private long[] hashes = new long[1024];
  private int[] owners = empty(1024);
  private int size;

  private static int[] empty(int places) {
    var owners = new int[places];
    Arrays.fill(owners, NOBODY);
    return owners;
  }

  /** Assigns the run with this hash to {@code owner}, a number from 0. */
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

  /** Owner of the run with this hash, or {@link #NOBODY}. */
  public int owner(long hash) {
    return owners[place(hash)];
  }

  public int size() {
    return size;
  }

  /** The slot of {@code hash}, or the empty slot where it would be stored. */
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
