package io.lorashear.evaluate;

import java.util.List;

/**
 * One question: a request for each choice, the right one at {@code answer}. Choices share a context
 * except in WinoGrande, where the choice stands in the middle of a sentence: the contexts differ
 * and the continuation is the same.
 */
public record Item(String id, List<TextRequest> requests, int answer) {

  public Item {
    requests = List.copyOf(requests);
  }

  static Item sharing(String context, String id, List<String> choices, int answer) {
    return new Item(
        id, choices.stream().map(c -> new TextRequest(context, " " + c)).toList(), answer);
  }

  /** Whether dividing by the length of a choice means anything. */
  boolean sharesContext() {
    return requests.stream().map(TextRequest::context).distinct().count() == 1;
  }

  /** Code points of a choice without the space before it, at least 1: acc_norm divides by it. */
  int length(int choice) {
    String text = requests.get(choice).continuation();
    int points = text.codePointCount(0, text.length());
    return Math.max(1, text.startsWith(" ") ? points - 1 : points);
  }
}
