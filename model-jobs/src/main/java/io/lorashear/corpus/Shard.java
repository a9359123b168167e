package io.lorashear.corpus;

import io.lorashear.InputException;
import java.util.regex.Pattern;

/**
 * One Parquet file of a corpus.
 *
 * @param path relative to the corpus folder, with {@code /}; size and hash stand in the manifest's
 *     list of all files
 * @param rows sequences in it
 * @param tokens tokens of text in it, filling not counted
 */
public record Shard(String path, String source, String split, long rows, long tokens) {

  private static final Pattern PATH =
      Pattern.compile("sequences/source=([a-z0-9_-]+)/split=([a-z]+)/[A-Za-z0-9._-]+\\.parquet");

  void check(String where) {
    var matcher = PATH.matcher(path);
    boolean inPlace =
        matcher.matches() && matcher.group(1).equals(source) && matcher.group(2).equals(split);
    if (!inPlace) {
      throw new InputException(
          "%s names the shard %s, but one of source %s and split %s lies at"
              + " sequences/source=%s/split=%s/NAME.parquet: tokenize the corpus again",
          where, path, source, split, source, split);
    }
    if (rows < 1 || tokens < 0) {
      throw new InputException(
          "%s gives the shard %s %d rows and %d tokens: tokenize the corpus again",
          where, path, rows, tokens);
    }
  }
}
