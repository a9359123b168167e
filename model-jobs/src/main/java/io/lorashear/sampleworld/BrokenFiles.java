package io.lorashear.sampleworld;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Files cut off or spoilt as a whole, apart from the sources: each must end a job with one clear
 * message.
 */
final class BrokenFiles {
  private static final double CUT = 0.6;

  private final Map<String, byte[]> files = new LinkedHashMap<>();
  private final Map<String, String> reasons = new LinkedHashMap<>();

  BrokenFiles(List<Corpus> corpora) {
    for (var corpus : corpora) {
      corpus.files().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .filter(file -> file.getKey().matches(".*\\.(bz2|gz|tar|json)"))
          .findFirst()
          .ifPresent(file -> cut(file.getKey(), file.getValue()));
    }
    var empty = "broken/empty/empty.jsonl";
    files.put(empty, new byte[0]);
    reasons.put(empty, "empty");
  }

  private void cut(String file, byte[] bytes) {
    var path = "broken/" + file;
    files.put(path, Arrays.copyOf(bytes, (int) (CUT * bytes.length)));
    reasons.put(path, "truncated");
  }

  Map<String, byte[]> files() {
    return files;
  }

  Map<String, String> reasons() {
    return reasons;
  }
}
