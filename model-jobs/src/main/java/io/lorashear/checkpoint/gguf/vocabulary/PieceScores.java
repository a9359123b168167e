package io.lorashear.checkpoint.gguf.vocabulary;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;

/**
 * Converts merges to equivalent scores: the reverse of {@link SentencePiece#merges}. llama.cpp
 * joins any pair that makes a token, the one whose token has the highest score first:
 *
 * <pre>
 *   score(token) = −(number of its first merge)
 * </pre>
 *
 * This gives the order of the merges if every pair that makes a token is a merge, and if merges
 * that make the same token are consecutive. SentencePiece's vocabularies have both properties;
 * others are refused.
 */
final class PieceScores {
  private PieceScores() {}

  static List<Float> of(TokenizerFiles files, TokenTable tokens) {
    var merges = new HashSet<String>();
    var firsts = new HashMap<String, Integer>();
    var last = "";
    int number = 0;
    for (var merge : files.model().path("merges")) {
      var pair =
          merge.isArray() ? merge.path(0).asText() + " " + merge.path(1).asText() : merge.asText();
      var token = pair.replace(" ", "");
      merges.add(pair);
      number++;
      if (!token.equals(last) && firsts.putIfAbsent(token, number) != null) {
        throw files.refusal(
            ("the merges that make '%s' do not stand together; llama.cpp has a rank for each token,"
                    + " not for each merge")
                .formatted(token));
      }
      last = token;
    }
    requireAll(files, tokens, merges);
    var scores = new ArrayList<>(Collections.nCopies(tokens.texts().size(), 0f));
    for (int id = 0; id < scores.size(); id++) {
      if (tokens.isNormal(tokens.texts().get(id))) {
        scores.set(id, -(float) firsts.getOrDefault(tokens.texts().get(id), number + 1));
      }
    }
    return scores;
  }

  private static void requireAll(TokenizerFiles files, TokenTable tokens, HashSet<String> merges) {
    var none = Collections.nCopies(tokens.texts().size(), 0.0);
    for (var merge : SentencePiece.merges(tokens.texts(), none)) {
      var made = merge.left() + merge.right();
      if (tokens.isNormal(made) && !merges.contains(merge.left() + " " + merge.right())) {
        throw files.refusal(
            "'%s' and '%s' are not merged though '%s' is a token; llama.cpp merges them"
                .formatted(merge.left(), merge.right(), made));
      }
    }
  }
}
