package io.lorashear.evaluate;

import io.lorashear.InputException;
import io.lorashear.run.Progress;
import io.lorashear.score.ScoringModel;
import io.lorashear.score.Window;
import io.lorashear.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/** Perplexity of texts, window by window. */
record TextEvaluation(Tokenizer tokenizer, ScoringModel model, Progress progress) {

  /** Scores all documents of a text. */
  TextResult run(String name, TextSettings settings, List<TextDocument> documents) {
    int length = settings.length() == 0 ? model.longest() : settings.length();
    if (length > model.longest()) {
      throw new InputException(
          "texts.%s.length is %d, but the model reads %d tokens at most: lower it, or give 0",
          name, length, model.longest());
    }
    var scored = new ArrayList<TextResult.Scored>();
    try (var work = progress.begin("perplexity of " + name, documents.size(), "documents")) {
      for (TextDocument document : documents) {
        scored.add(scored(document, windows(settings, length, tokenizer.encode(document.text()))));
        work.step(1);
      }
    }
    return new TextResult(name, settings, scored);
  }

  private List<Window> windows(TextSettings settings, int length, int[] ids) {
    if (settings.windows() == TextSettings.Windows.ROLLING) {
      return Window.rolling(ids, tokenizer.endOfText(), length);
    }
    int stride = settings.stride() == 0 ? length : Math.min(settings.stride(), length);
    return Window.strided(ids, length, stride, settings.partial());
  }

  private TextResult.Scored scored(TextDocument document, List<Window> windows) {
    var losses = model.tokenLosses(windows.stream().map(Window::ids).toList());
    double sum = 0;
    for (int w = 0; w < losses.length; w++) {
      for (int token = windows.get(w).scored(); token < windows.get(w).ids().length; token++) {
        sum -= losses[w][token - 1];
      }
    }
    long tokens = windows.stream().mapToLong(Window::tokens).sum();
    return new TextResult.Scored(document.words(), document.bytes(), tokens, sum);
  }
}
