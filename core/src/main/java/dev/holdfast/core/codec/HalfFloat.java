package dev.holdfast.core.codec;

/** IEEE 754 binary16, which deterministic CBOR demands wherever it holds the number exactly. */
final class HalfFloat {
    private HalfFloat() {}

    /**
     * {@code value} in single precision. By way of its bits, since JavaScript has no floats and
     * under TeaVM a cast alone rounds nothing.
     */
    static float single(double value) {
        return Float.intBitsToFloat(Float.floatToIntBits((float) value));
    }

    /** The 16 bits that stand for exactly {@code value} (finite), or -1. */
    static int exactly(float value) {
        int bits = Float.floatToIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int exponent = (bits >>> 23 & 0xff) - 127;
        int fraction = bits & 0x7fffff;
        if (exponent >= -14 && exponent <= 15) {
            return (fraction & 0x1fff) != 0 ? -1 : sign | exponent + 15 << 10 | fraction >> 13;
        }
        if (exponent < -24 || exponent > 15) return -1;
        int shift = -exponent - 1; // 14 to 23 bits are lost of the fraction with its leading one
        int whole = fraction | 0x800000;
        return (whole & (1 << shift) - 1) != 0 ? -1 : sign | whole >> shift;
    }

    static double toDouble(int half) {
        int exponent = half >> 10 & 0x1f;
        int fraction = half & 0x3ff;
        double size =
                exponent == 0
                        ? fraction * 0x1p-24
                        : exponent == 31
                                ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                                : (fraction + 1024) * Math.pow(2, exponent - 25);
        return (half & 0x8000) == 0 ? size : -size;
    }
}
