using UsageTracking.Stores;

namespace UsageTracking.Readings;

/// <summary>
/// What follows from the readings of meters that say what is left; what they say adds up. In each period the limit and all
/// allowances, less all usage, are what the meters last said.
/// </summary>
internal static class RemainingMeters
{
    /// <summary>Works out what follows from each reading.</summary>
    /// <param name="readings">All readings from the first period's start on, and before it the last one of each meter.</param>
    /// <param name="periods">The periods, in order. Of what was read outside of them nothing follows.</param>
    public static IEnumerable<DerivedReading> Derive(IEnumerable<StoredReading> readings, IReadOnlyList<ReadingPeriod> periods)
    {
        StoredReading[] ordered = [.. readings.OrderBy(r => r.ReadAt).ThenBy(r => r.Meter, StringComparer.Ordinal)];
        var last = new Dictionary<string, StoredReading>(StringComparer.Ordinal);
        int next = 0;
        foreach (ReadingPeriod period in periods)
        {
            for (; next < ordered.Length && ordered[next].ReadAt < period.Start; next++)
                last[ordered[next].Meter] = ordered[next];

            int first = next;
            while (next < ordered.Length && ordered[next].ReadAt < period.End)
                next++;

            foreach (DerivedReading derived in new PeriodReadings(period, ordered[first..next], last).Derive())
                yield return derived;

            foreach (StoredReading reading in ordered[first..next])
                last[reading.Meter] = reading;
        }
    }
}
