using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Readings;

/// <summary>What follows from the readings of meters that count up, each on its own.</summary>
internal static class TotalMeters
{
    private const decimal LeastRange = 10;

    // 32 bits and 64.
    private static readonly decimal[] Bytes = [4_294_967_296m, 18_446_744_073_709_551_616m];

    /// <summary>Works out what follows from each reading.</summary>
    /// <param name="readings">All readings from an instant on, and before them the last one of each meter.</param>
    /// <param name="from">The instant.</param>
    /// <param name="ranges">Where a meter may begin again from zero, ascending; where there is none, any power of ten.</param>
    public static IEnumerable<DerivedReading> Derive(IEnumerable<StoredReading> readings, DateTimeOffset from, IReadOnlyList<decimal> ranges)
    {
        foreach (IGrouping<string, StoredReading> meter in readings.GroupBy(r => r.Meter, StringComparer.Ordinal))
        {
            StoredReading? previous = null;
            foreach (StoredReading reading in meter.OrderBy(r => r.ReadAt))
            {
                if (reading.ReadAt >= from)
                    yield return Derive(reading, previous?.Value, ranges);

                previous = reading;
            }
        }
    }

    /// <summary>Where counters of bytes begin again, in gigabytes of so many bytes.</summary>
    public static IReadOnlyList<decimal> ByteRanges(long bytesPerGigabyte) =>
        [.. Bytes.Select(b => b / bytesPerGigabyte)];

    private static DerivedReading Derive(StoredReading reading, decimal? previous, IReadOnlyList<decimal> ranges)
    {
        if (previous is not { } before)
            return DerivedReading.From(reading, ReadingInterpretation.Baseline, 0m, 0m, null);

        if (reading.Value >= before)
            return DerivedReading.From(reading, ReadingInterpretation.Usage, (ExactDecimal)reading.Value - before, 0m, before);

        // Only a counter that was about to reach its end, and is not far from its beginning now, has plausibly passed it.
        if (RangeAbove(before, ranges) is { } range && before >= range * 0.9m && reading.Value <= range * 0.1m)
            return DerivedReading.From(reading, ReadingInterpretation.RollOver, (ExactDecimal)range - before + reading.Value, 0m, before);

        return DerivedReading.From(reading, ReadingInterpretation.Reset, reading.Value, 0m, before);
    }

    private static decimal? RangeAbove(decimal value, IReadOnlyList<decimal> ranges)
    {
        if (ranges.Count > 0)
            return ranges.Cast<decimal?>().FirstOrDefault(r => r > value);

        // A quantity has at most 28 digits, and a decimal has room for one more.
        decimal range = LeastRange;
        while (range <= value)
            range *= 10;

        return range;
    }
}
