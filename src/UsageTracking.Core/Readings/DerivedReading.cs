using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Readings;

/// <summary>What follows from a reading.</summary>
/// <param name="Reading">The reading, its usage and allowance as they are to be.</param>
/// <param name="Interpretation">How it was understood.</param>
/// <param name="Previous">What the meter said before; null where that does not matter.</param>
internal sealed record DerivedReading(StoredReading Reading, ReadingInterpretation Interpretation, decimal? Previous)
{
    public static DerivedReading From(
        StoredReading reading, ReadingInterpretation interpretation, ExactDecimal usage, ExactDecimal allowance, decimal? previous) => new(
            reading with { Usage = Quantity.FromCalculation(usage, null), Allowance = Quantity.FromCalculation(allowance, null) },
            interpretation,
            previous);
}
