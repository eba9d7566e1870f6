package io.revfs.remote;

/**
 * What a listing of a store costs.
 *
 * @param pageKeys how many keys one request brings
 * @param perDirectory whether each directory costs a request of its own, however few keys it has
 */
public record Listing(int pageKeys, boolean perDirectory) {
  /** A store that lists keys in pages of a thousand whatever their directories: S3 and its like. */
  public static final Listing FLAT = new Listing(1000, false);

  /** A store of directories, each read whole. */
  public static final Listing DIRECTORIES = new Listing(Integer.MAX_VALUE, true);
}
