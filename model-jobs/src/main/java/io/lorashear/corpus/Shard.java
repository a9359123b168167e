package io.lorashear.corpus;

import io.lorashear.InputException;
import java.util.regex.Pattern;

/**
 * One Parquet file of a corpus.
 *
 * @param path relative to the corpus folder, with {@code /}; the manifest's list of all files has
 *     its size and hash
 * @param rows sequences in it
 * @param tokens tokens of text in it, without filling
 * @param generation number of the growth that added the file; 0 at first
 */
public record Shard(
    String path, String source, String split, long rows, long tokens, int generation) {

  private static final Pattern PATH =
      Pattern.compile("sequences/source=([a-z0-9_-]+)/split=([a-z]+)/[A-Za-z0-9._-]+\\.parquet");

  /**
   * @param generations number of times that the corpus has grown
   */
  void check(String where, int generations) {
    var matcher = PATH.matcher(path);
    boolean inPlace =
        matcher.matches() && matcher.group(1).equals(source) && matcher.group(2).equals(split);
    if (!inPlace) {
      throw new InputException(
          "%s names the shard %s, but one of source %s and split %s lies at"
              + " sequences/source=%s/split=%s/NAME.parquet: tokenize the corpus again",
          where, path, source, split, source, split);
    }
    if (generation < 0 || generation > generations) {
      throw new InputException(
          "%s gives the shard %s the generation %d, but the corpus has grown %d times: tokenize it"
              + " again",
          where, path, generation, generations);
    }
    if (rows < 1 || tokens < 0) {
      throw new InputException(
          "%s gives the shard %s %d rows and %d tokens: tokenize the corpus again",
          where, path, rows, tokens);
    }
  }
}
