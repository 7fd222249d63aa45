using System.Text;
using UsageTracking.Files.Export;
using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Files.Export;

/// <summary>Records as a store would give them, and what the writers make of them.</summary>
internal static class ExportSamples
{
    public static StoredRecord Stored(
        decimal quantity = 1, string service = "api", string metadata = "{}", DateTimeOffset? time = null, decimal unitCost = 0.0001m,
        string customer = "acme", string? key = null, long id = 1, long? corrects = null) => new()
        {
            Id = id,
            Timestamp = time ?? Utc(2026, 1, 30, 16, 45, 23),
            ReceivedAt = Utc(2026, 1, 31),
            CustomerId = customer,
            Service = service,
            Quantity = quantity,
            UnitCost = unitCost,
            Metadata = Metadata.Parse(metadata),
            EventKey = key,
            CorrectsId = corrects,
        };

    public static ExportRequest Request(ExportFormat format, params string[] customers) => new()
    {
        Format = format,
        Filter = new UsageFilter(customers.Length == 0 ? ["acme"] : customers, null),
        Range = TimeRange.Everything,
        ServiceOrder = ["api", "storage", "bandwidth"],
        Now = Utc(2026, 2, 1, 12),
    };

    public static async Task<byte[]> ExportAsync(this ExportRequest request, params StoredRecord[] records)
    {
        using var stream = new MemoryStream();
        RecordPage[] pages = records.Length == 0 ? [] : [new RecordPage(records.Length, records)];
        await RecordExport.WriteAsync(pages.ToAsync(), request, stream, new ExportProgress(), TestContext.Current.CancellationToken);
        return stream.ToArray();
    }

    public static async Task<string> ExportTextAsync(this ExportRequest request, params StoredRecord[] records) =>
        Encoding.UTF8.GetString(await request.ExportAsync(records));

    public static async IAsyncEnumerable<T> ToAsync<T>(this IEnumerable<T> items)
    {
        await Task.Yield();
        foreach (T item in items)
            yield return item;
    }
}
