// A service that meters itself without PowerShell: the queue and the reports of UsageTracking.Core used directly.
// Run it with: dotnet run --project examples/embedding
using System.Diagnostics;
using System.Globalization;
using UsageTracking;
using UsageTracking.Metering;
using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Stores.Sqlite;
using UsageTracking.Time;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string folder = Directory.CreateTempSubdirectory("usage-demo-").FullName;
try
{
    // A PostgresStore takes a connection string instead; everything after this line stays the same.
    await using IUsageStore store = new SqliteStore(Path.Combine(folder, "usage.db"));
    await store.InitializeAsync(CancellationToken.None);
    ServiceCatalogue catalogue = await store.GetCatalogueAsync(CancellationToken.None);
    // Records wait in this folder until they are stored: one that was added survives the end of the process, however it ends.
    var spools = new SpoolFolder(Path.Combine(folder, "spool"), store.Address);
    var settings = new QueueSettings(BatchSize: 500, BatchTimeout: TimeSpan.FromSeconds(2), AutoCreateCustomer: true);
    await using var queue = new UsageQueue(store, settings, spools);

    const int Days = 7;
    const int Requests = 20_000;
    DateTimeOffset now = DateTimeOffset.UtcNow;
    var random = new Random(42);
    Console.WriteLine($"Metering {Requests:N0} requests of the last {Days} days ...");
    long started = Stopwatch.GetTimestamp();
    for (int i = 0; i < Requests; i++)
    {
        DateTimeOffset time = now.AddDays(-Days * (1 - ((double)i / Requests)));
        Add(ServiceEvents.ApiRequest("/api/users", "GET", random.Next(20) == 0 ? 404 : 200), time);
        Add(ServiceEvents.Bandwidth(random.Next(200, 200_000), BandwidthDirection.Egress), time);
    }

    FlushResult flush = await queue.FlushAsync(TimeSpan.FromSeconds(30));
    Console.WriteLine($"{flush.Committed:N0} records stored in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s; {flush.Remaining} remain, {flush.Rejected} were rejected.");

    var scope = new ReportScope(["acme"], catalogue.Services, TimeRange.LastDays(Days, now, TimeZoneInfo.Utc), TimeZoneInfo.Utc);
    Console.WriteLine("\nUsage of acme");
    foreach (ServiceUsage usage in await UsageReport.TotalsAsync(store, scope, ["acme"], CancellationToken.None))
        Console.WriteLine($"  {usage.Service,-10} {usage.Quantity,14:0.######} {usage.Unit,-12} {usage.Cost,12:0.######} in {usage.Events,6} events");

    Console.WriteLine("\nBandwidth by day");
    ReportScope bandwidth = scope with { Services = [catalogue.Get("bandwidth")] };
    foreach (UsageMeasure day in await MeasureReport.ReadAsync(store, bandwidth, PeriodKind.Daily, [], null, CancellationToken.None))
        Console.WriteLine($"  {day.Period:yyyy-MM-dd} {day.TotalQuantity,10:0.000} GB in {day.EventCount,5} events, the largest {day.MaximumQuantity * 1024:0.000} MB");

    // A mistake is an exception that says what would be right.
    try
    {
        Add(new RecordInput { Service = "api", Quantity = "1,5" }, now);
    }
    catch (UsageException error)
    {
        Console.WriteLine($"\n{error.ErrorId}: {error.Message}");
    }

    Console.WriteLine("\nThe same as cmdlets: install PowerShell 7.4 or later (https://aka.ms/powershell), then run ./build.sh demo again.");

    void Add(RecordInput input, DateTimeOffset time)
    {
        input.CustomerId = "acme";
        input.Timestamp = TimeInput.At(time);
        queue.Add(catalogue.Resolve(input.Check(TimeZoneInfo.Utc, now)));
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}
