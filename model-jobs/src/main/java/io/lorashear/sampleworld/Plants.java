package io.lorashear.sampleworld;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Variants of ordinary records with something planted in them, for any source of running text. */
final class Plants {
  private static final double[] LIKENESS = {0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98};
  private static final List<String> IRREGULAR =
      List.of("\u200b", "\ue000", "\u00ad", "\ufeff", "\u2060", "\uf8ff");
  private static final List<String> CONTROL = List.of("\u0001", "\u0008", "\u001b", "\u007f");

  private final List<Item> originals;
  private final Random random;
  private int turn;

  Plants(List<Item> originals, Random random) {
    this.originals = originals;
    this.random = random;
  }

  /** Ordinary records one after the other, so that two plants seldom meet on the same one. */
  private Item original() {
    return originals.get(turn++ % originals.size());
  }

  List<Item> duplicates(int count) {
    var items = new ArrayList<Item>();
    for (var i = 0; i < count; i++) {
      var original = original();
      var plant = Plant.merged("exact-duplicate", "the same text as another record", original, 1);
      items.add(Item.planted(original.title + " (copy)", original.paragraphs, plant));
    }
    return items;
  }

  /** The same text inside other white space. */
  Item spacedDuplicate() {
    var original = original();
    var paragraphs = new ArrayList<>(original.paragraphs);
    paragraphs.set(0, "\n  " + paragraphs.get(0));
    paragraphs.add("  \n");
    return Item.planted(
        original.title,
        paragraphs,
        Plant.merged(
            "exact-duplicate-white-space",
            "the same text but for surrounding white space",
            original,
            1));
  }

  List<Item> nearDuplicates() {
    var items = new ArrayList<Item>();
    for (var likeness : LIKENESS) {
      var original = original();
      var paragraphs = Rewording.of(original.paragraphs, likeness, random);
      var jaccard = Shingles.jaccard(original.text(), String.join("\n\n", paragraphs));
      items.add(
          Item.planted(
              original.title + " (retold)",
              paragraphs,
              Plant.merged(
                  "near-duplicate",
                  "nearly the text of another record: merged where the threshold is at most the"
                      + " likeness given",
                  original,
                  jaccard)));
    }
    return items;
  }

  /** Odd characters inside some words; the words without them must survive. */
  Item irregular(List<String> fresh, boolean control) {
    var odd = new ArrayList<>(IRREGULAR);
    if (control) {
      odd.addAll(CONTROL);
    }
    var text = new StringBuilder(fresh.get(0));
    for (var character : odd) {
      var space = text.indexOf(" ", random.nextInt(text.length() / 2));
      text.insert(space + 2, character);
    }
    var paragraphs = new ArrayList<>(fresh);
    paragraphs.set(0, text.toString());
    return Item.planted(
        "Irregular",
        paragraphs,
        Plant.kept(
                "irregular-characters",
                "clean",
                "kept without its control, zero-width and private-use characters")
            .removing(odd)
            .expecting(fresh.get(0)));
  }

  /** UTF-8 that somebody once read as Windows-1252 and saved again. */
  Item mojibake(List<String> fresh) {
    var accented = accented(fresh);
    var damaged = accented.stream().map(text -> misread(text)).toList();
    return Item.planted(
        "Mojibake",
        damaged,
        Plant.kept(
                "mojibake",
                "clean",
                "kept, repaired where the cleaner repairs text that was decoded wrongly")
            .expecting(accented.get(0)));
  }

  private static String misread(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), Charset.forName("windows-1252"));
  }

  /** Bytes of a single-byte encoding where UTF-8 is usual. */
  Item wrongEncoding(List<String> fresh) {
    var accented = accented(fresh);
    return new Item(
        "Encoding",
        accented,
        Plant.dropped(
            "wrong-encoding", "read", "the bytes are Windows-1252 where the format is UTF-8"),
        Charset.forName("windows-1252"));
  }

  private static List<String> accented(List<String> fresh) {
    return fresh.stream()
        .map(
            text ->
                text.replaceFirst(
                    "\\. ", ". The naïve façade of the café pleased the crème of the fiancées. "))
        .toList();
  }

  /** Long paragraphs with short ones between them. */
  Item shortParagraphs(List<String> fresh, List<String> shorts) {
    var paragraphs = new ArrayList<String>();
    for (var i = 0; i < fresh.size(); i++) {
      paragraphs.add(fresh.get(i));
      paragraphs.add(shorts.get(i % shorts.size()));
    }
    return Item.planted(
        "Short paragraphs",
        paragraphs,
        Plant.kept("short-paragraphs", "clean", "kept without its paragraphs of at most 64 tokens")
            .removing(shorts.subList(0, Math.min(fresh.size(), shorts.size())))
            .expecting(fresh.get(0)));
  }

  Item onlyShortParagraphs(List<String> shorts) {
    return Item.planted(
        "Only short paragraphs",
        shorts,
        Plant.dropped("only-short-paragraphs", "clean", "no paragraph is longer than 64 tokens")
            .removing(shorts));
  }

  /** Characters that mean nothing; what little is left without them is too short. */
  Item noise() {
    var text = new StringBuilder();
    for (var i = 0; i < 2000; i++) {
      text.append((char) (0xE000 + random.nextInt(0x1000)));
    }
    return Item.planted(
        "Noise",
        List.of(text.toString()),
        Plant.dropped("noise", "clean", "nothing but irregular characters")
            .removing(List.of(text.substring(0, 20))));
  }

  Item empty() {
    return Item.planted("Empty", List.of(""), Plant.dropped("empty", "read", "no text"));
  }

  /**
   * A question of the multiple-choice file, with its choices and its answer, in the midst of a
   * text.
   */
  Item leak(List<String> fresh, MultipleChoice.Question question) {
    var paragraphs = new ArrayList<>(fresh);
    var answer = question.choices().get(question.answer());
    var block =
        question.text()
            + " The choices are "
            + String.join(", ", question.choices())
            + ". The answer is "
            + answer
            + ".";
    paragraphs.add(1, fresh.get(0) + " " + block);
    paragraphs.remove(0);
    return Item.planted(
        "Leak " + question.id(),
        paragraphs,
        Plant.dropped(
                "benchmark-leak", "decontaminate", "holds the text of a multiple-choice question")
            .removing(List.of(question.text()))
            .asking(question.id()));
  }
}
