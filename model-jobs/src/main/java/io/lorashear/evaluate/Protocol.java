package io.lorashear.evaluate;

import io.lorashear.score.Request;
import io.lorashear.tokenizer.Tokenizer;
import java.util.Arrays;

/**
 * Rule for where the continuation's tokens begin. With LLaMA's tokenizer the two differ by about
 * three points of the seven tasks' mean, so every table names its protocol.
 */
public enum Protocol {
  /**
   * lm-evaluation-harness from mid-2023 on: trailing spaces of the context move to the
   * continuation, both are encoded together, and the continuation's tokens are those behind the
   * number of tokens of the context alone.
   */
  JOINT {
    @Override
    Request split(Tokenizer tokenizer, TextRequest text) {
      String whole = text.context() + text.continuation();
      String context = text.context().substring(0, PythonText.textEnd(text.context()));
      int boundary = tokenizer.encode(context).length;
      int[] ids = tokenizer.encode(whole);
      int start = Math.min(boundary, ids.length);
      return new Request(Arrays.copyOf(ids, start), Arrays.copyOfRange(ids, start, ids.length));
    }
  },

  /**
   * lm-evaluation-harness before (commit 4d21ab6b, as LLM-Pruner and its followers used it):
   * context and continuation are encoded separately. LLaMA's tokenizer then scores a lone space
   * before each continuation.
   */
  SEPARATE {
    @Override
    Request split(Tokenizer tokenizer, TextRequest text) {
      return new Request(tokenizer.encode(text.context()), tokenizer.encode(text.continuation()));
    }
  };

  abstract Request split(Tokenizer tokenizer, TextRequest text);

  /** Token ids of a request; the end-of-text token stands for an empty context. */
  public Request encode(Tokenizer tokenizer, TextRequest text) {
    return text.context().isEmpty()
        ? new Request(new int[] {tokenizer.endOfText()}, tokenizer.encode(text.continuation()))
        : split(tokenizer, text);
  }
}
