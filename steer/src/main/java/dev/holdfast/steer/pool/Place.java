package dev.holdfast.steer.pool;

import java.util.Locale;

/** A point on the Earth, in degrees north and east. */
public record Place(double latitude, double longitude) {
    private static final double EARTH_RADIUS_KM = 6371;

    public Place {
        if (!(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180))
            throw new IllegalArgumentException(
                    "latitude is between -90 and 90 degrees, longitude between -180 and 180");
    }

    /** Along the great circle, by the haversine formula. */
    public double kilometresTo(Place other) {
        double north = Math.toRadians(other.latitude - latitude);
        double east = Math.toRadians(other.longitude - longitude);
        double h =
                square(Math.sin(north / 2))
                        + Math.cos(Math.toRadians(latitude))
                                * Math.cos(Math.toRadians(other.latitude))
                                * square(Math.sin(east / 2));
        return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
    }

    private static double square(double x) {
        return x * x;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.2f, %.2f", latitude, longitude);
    }
}
