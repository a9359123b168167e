package io.lorashear.sampleworld;

/** What a subject of facts is; {@code count} of them live in every world. */
enum Kind {
  PERSON("person", 30),
  TOWN("town", 16),
  ANIMAL("animal", 12),
  TRADE("trade", 12),
  WARE("ware", 12);

  /** The list of world.grammar that the subjects are drawn from. */
  final String list;

  final int count;

  Kind(String list, int count) {
    this.list = list;
    this.count = count;
  }
}
