using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Tests.Testing;

/// <summary>Short ways to make records and store them.</summary>
internal static class Records
{
    public static UsageRecord Record(
        string service, decimal quantity, DateTimeOffset time, string customer = "default", string metadata = "{}", decimal? unitCost = null, string? key = null) => new()
        {
            CustomerId = customer,
            Service = service,
            Quantity = quantity,
            Timestamp = time.ToUniversalTime(),
            HasOwnTimestamp = true,
            Metadata = Metadata.Parse(metadata),
            UnitCost = unitCost,
            EventKey = key,
        };

    public static DateTimeOffset Utc(int year, int month, int day, int hour = 0, int minute = 0, int second = 0) =>
        new(year, month, day, hour, minute, second, TimeSpan.Zero);

    /// <summary>An instant as text that both kinds of store read.</summary>
    public static string SqlTime(DateTimeOffset time) => FormattableString.Invariant($"{time.UtcDateTime:yyyy-MM-dd HH:mm:ss.ffffff}Z");

    /// <summary>Stores records as the only chunk of a spool of their own.</summary>
    public static Task<ChunkOutcome> WriteAsync(this IUsageStore store, params UsageRecord[] records) =>
        store.WriteAsync(new UsageChunk(Guid.NewGuid(), 0, records, AutoCreateCustomers: true), TestContext.Current.CancellationToken);
}
