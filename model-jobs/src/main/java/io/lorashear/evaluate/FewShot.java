package io.lorashear.evaluate;

import io.lorashear.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Solved examples before each question, in lm-evaluation-harness' layout (0.4.9, {@code
 * ContextSampler}):
 *
 * <pre>
 *   context ← example₁ ⏎ ⏎ … example_k ⏎ ⏎ context        example = its context + its right choice
 *
 *   random ← Python's Random(seed), one a task
 *   for every question, in order:   sample(examples, k)
 *     where the task has no test split:   sample(examples, k + 1) less the question itself, the first k
 * </pre>
 */
record FewShot(FewShotSettings settings) {
  private static final String SEPARATOR = "\n\n";

  /**
   * The questions with their examples before them.
   *
   * @param examples examples of that task
   * @throws InputException if there are fewer examples than that
   */
  Items before(Items items, Task task, Items examples) {
    boolean spare = task.examples().spare() && settings.draw() == FewShotSettings.Draw.SAMPLE;
    int drawn = settings.count() + (spare ? 1 : 0);
    if (drawn > examples.items().size()) {
      throw new InputException(
          "task %s: %d examples are to be drawn, but there are %d: lower fewShot.count, or name a"
              + " larger file under fewShot.examples",
          task.name(), drawn, examples.items().size());
    }
    var random = new PythonRandom(settings.seed());
    var asked = new ArrayList<Item>();
    for (Item item : items.items()) {
      var shown =
          (settings.draw() == FewShotSettings.Draw.FIRST
                  ? examples.items().stream()
                  : random.sample(examples.items().size(), drawn).stream()
                      .map(examples.items()::get))
              .filter(example -> !example.equals(item))
              .limit(settings.count())
              .toList();
      asked.add(behind(shown, item));
    }
    var dropped = new TreeMap<>(items.dropped());
    examples.dropped().forEach((reason, count) -> dropped.put("example: " + reason, count));
    return new Items(asked, dropped, items.original());
  }

  private static Item behind(List<Item> examples, Item item) {
    var text = examples.stream().map(FewShot::solved).collect(Collectors.joining());
    var requests =
        item.requests().stream()
            .map(request -> new TextRequest(text + request.context(), request.continuation()))
            .toList();
    return new Item(item.id(), requests, item.answer());
  }

  private static String solved(Item example) {
    var right = example.requests().get(example.answer());
    return right.context() + right.continuation() + SEPARATOR;
  }
}
