package io.lorashear.spark.select;

import io.lorashear.corpus.SubsetManifest.Drawn;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;

/** The sequences that can be drawn, in groups. */
public interface Pool {

  /** A sequence and its {@link io.lorashear.corpus.DrawKey}. */
  record Candidate(String key, Drawn sequence) {}

  /** How many sequences {@code group} has. */
  long size(String group);

  /** The generations that {@code group} has sequences of. */
  SortedSet<Integer> generations(String group);

  /**
   * The {@code count} sequences (or all, where there are fewer) of {@code group} with the smallest
   * keys above those of {@code after}, in the order of their keys.
   *
   * @param pass decides the keys, as does the seed of the pool
   * @param after a key by generation; sequences of others are left out
   */
  List<Candidate> next(String group, int pass, SortedMap<Integer, String> after, long count);
}
