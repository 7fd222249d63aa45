using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Readings;

/// <summary>Lists the readings that a store has.</summary>
public static class ReadingList
{
    /// <summary>The readings of a range, the newest first, then in catalogue order.</summary>
    /// <param name="store">The store.</param>
    /// <param name="filter">The customers and services.</param>
    /// <param name="services">The same services, in catalogue order.</param>
    /// <param name="range">The time.</param>
    /// <param name="zone">The zone that shows it.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task<IReadOnlyList<UsageReading>> ReadAsync(
        IUsageStore store, UsageFilter filter, IReadOnlyList<Service> services, TimeRange range, TimeZoneInfo zone, CancellationToken cancel)
    {
        Dictionary<string, int> order = services.Select((s, i) => (s.Name, i)).ToDictionary(s => s.Name, s => s.i, StringComparer.Ordinal);
        return
        [
            .. (await store.FindReadingsAsync(filter, range, cancel))
                .Where(r => order.ContainsKey(r.Service))
                .OrderByDescending(r => r.Reading.ReadAt).ThenBy(r => order[r.Service])
                .ThenBy(r => r.CustomerId, StringComparer.Ordinal).ThenBy(r => r.Reading.Meter, StringComparer.Ordinal)
                .Select(r => UsageReading.From(r.CustomerId, services[order[r.Service]], r.Reading with { ReadAt = TimeZoneInfo.ConvertTime(r.Reading.ReadAt, zone) })),
        ];
    }
}
