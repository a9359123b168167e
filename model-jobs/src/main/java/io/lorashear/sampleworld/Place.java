package io.lorashear.sampleworld;

/**
 * Where a record stands.
 *
 * @param file relative to the sample's folder
 * @param record its name in an archive, page number, index in an array or line (from 1); empty
 *     where the file is the record
 * @param offset of its first byte in the unpacked file, for records that are lines; otherwise -1
 */
record Place(String file, String record, long offset) {}
