package io.lorashear.checkpoint.gguf.vocabulary;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;

/**
 * Converts a SentencePiece BPE vocabulary to equivalent merges. SentencePiece joins the pair whose
 * piece has the highest score; so every way to split a piece into two known ones is a merge, in
 * descending order of the piece's score, and within one piece by the ids of its parts.
 */
final class SentencePiece {
  private static final String SPACE = "▁";

  /** Two pieces to join, and the score that ranks them. */
  record Merge(String left, String right, double score) {}

  private SentencePiece() {}

  static List<Merge> merges(List<String> tokens, List<Double> scores) {
    var ids = new HashMap<String, Integer>();
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
    var merges = new ArrayList<Merge>();
    for (int id = 0; id < tokens.size(); id++) {
      double score = scores.get(id);
      splits(tokens.get(id), score, ids).stream()
          .sorted(
              Comparator.comparing((Merge merge) -> ids.get(merge.left()))
                  .thenComparing(merge -> ids.get(merge.right())))
          .forEach(merges::add);
    }
    merges.sort(Comparator.comparingDouble(Merge::score).reversed());
    return merges;
  }

  private static List<Merge> splits(String token, double score, HashMap<String, Integer> ids) {
    var splits = new ArrayList<Merge>();
    int length = token.codePointCount(0, token.length());
    for (int i = 1; i < length; i++) {
      int at = token.offsetByCodePoints(0, i);
      var left = token.substring(0, at);
      var right = token.substring(at);
      if (ids.containsKey(left) && ids.containsKey(right)) {
        splits.add(new Merge(left, right, score));
      }
    }
    return splits;
  }

  /** Spaces become ▁; if {@code prefix}, another ▁ is prepended. */
  static ObjectNode normalizer(boolean prefix) {
    var sequence = JsonFile.object().put("type", "Sequence");
    var steps = sequence.putArray("normalizers");
    if (prefix) {
      steps.addObject().put("type", "Prepend").put("prepend", SPACE);
    }
    replace(steps.addObject(), " ", SPACE);
    return sequence;
  }

  /**
   * The reverse: ▁ becomes a space, byte tokens become text, and if {@code prefix} the first space
   * is removed.
   */
  static ObjectNode decoder(boolean prefix) {
    var sequence = JsonFile.object().put("type", "Sequence");
    var steps = sequence.putArray("decoders");
    replace(steps.addObject(), SPACE, " ");
    steps.addObject().put("type", "ByteFallback");
    steps.addObject().put("type", "Fuse");
    if (prefix) {
      var strip = steps.addObject().put("type", "Strip").put("content", " ");
      strip.put("start", 1).put("stop", 0);
    }
    return sequence;
  }

  private static void replace(ObjectNode step, String from, String to) {
    step.put("type", "Replace");
    step.putObject("pattern").put("String", from);
    step.put("content", to);
  }
}
