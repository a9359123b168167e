package io.lorashear.sampleworld;

/** One truth of the world, for example (Mara, TRADE, baker). */
record Fact(String subject, Relation relation, String value) {}
