package io.lorashear.spark.select;

import io.lorashear.corpus.SubsetManifest.Drawn;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;

/** The sequences that can be drawn, in groups. */
public interface Pool {

  /** A sequence and its {@link io.lorashear.corpus.DrawKey}. */
  record Candidate(String key, Drawn sequence) {}

  /** Number of sequences of {@code group}. */
  long size(String group);

  /** The generations of the sequences of {@code group}. */
  SortedSet<Integer> generations(String group);

  /**
   * The {@code count} sequences (or all, if there are fewer) of {@code group} with the smallest
   * keys above those of {@code after}, in the order of their keys.
   *
   * @param pass pass, which with the pool's seed determines the keys
   * @param after a key by generation; sequences of other generations are left out
   */
  List<Candidate> next(String group, int pass, SortedMap<Integer, String> after, long count);
}
