using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Readings;

/// <summary>
/// Records readings, and takes them away again: the difference from what the meters said before becomes usage, once, whatever order readings come in
/// and however often. Safe for use from several threads and processes.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="catalogue">Its services.</param>
/// <param name="limits">The periods and limits that what is left is measured against.</param>
public sealed class ReadingRecorder(IUsageStore store, ServiceCatalogue catalogue, IReadingLimits limits)
{
    // Of several writers one gets on, so it is seldom more than as many as there are.
    private const int Tries = 100;

    // Milliseconds; of the writers that begin anew none is to meet the same one again.
    private const int LongestPause = 40;
    private const int TriesToLongestPause = 10;

    /// <summary>Whether a customer the store does not know is created.</summary>
    public bool AutoCreateCustomer { get; init; } = true;

    /// <summary>Whether a rise within a period is an allowance, or an error.</summary>
    public bool RefusesAllowances { get; init; }

    /// <summary>Records readings of one customer and service in one step, all or none.</summary>
    /// <returns>What followed from each, in the order given.</returns>
    /// <exception cref="UsageException">
    /// <c>QuotaNotFound</c>, <c>MeterKindMismatch</c>, <c>ReadingConflict</c>, <c>AllowanceRefused</c>, or the store's error.
    /// </exception>
    public async Task<IReadOnlyList<UsageReading>> RecordAsync(IReadOnlyList<MeterReading> readings, CancellationToken cancel)
    {
        if (readings.Count == 0)
            return [];

        var pass = new AddingPass(store, limits, readings)
        {
            Ranges = RangesOf(readings[0].Service),
            AutoCreateCustomer = AutoCreateCustomer,
            RefusesAllowances = RefusesAllowances,
        };
        await RunAsync(pass, cancel);
        return pass.Results;
    }

    /// <summary>The reading of a meter, found in any case, at an instant.</summary>
    /// <exception cref="UsageException"><c>ReadingNotFound</c>, or the store's error.</exception>
    public async Task<MeterReading> FindAsync(string customerId, Service service, string meter, DateTimeOffset readAt, CancellationToken cancel)
    {
        DateTimeOffset instant = Instants.Truncate(readAt);
        ReadingHistory history = await store.GetReadingsAsync(customerId, service.Name, instant, cancel);
        return history.Readings.FirstOrDefault(r => r.ReadAt == instant && r.Meter.Equals(meter, StringComparison.OrdinalIgnoreCase)) is { } found
            ? new MeterReading(customerId, service, found.Meter, found.Kind, found.ReadAt, found.Value)
            : throw MeterReading.NotFound(customerId, service, meter, instant);
    }

    /// <summary>Takes a reading away as if it had never been made: what follows from the others is worked out without it.</summary>
    /// <exception cref="UsageException"><c>ReadingNotFound</c>: it is not there, or says something else by now; or the store's error.</exception>
    public Task RemoveAsync(MeterReading reading, CancellationToken cancel) =>
        RunAsync(new RemovingPass(store, limits, reading) { Ranges = RangesOf(reading.Service) }, cancel);

    private IReadOnlyList<decimal> RangesOf(Service service) => service.CountsBytes ? TotalMeters.ByteRanges(catalogue.BytesPerGigabyte) : [];

    private static async Task RunAsync(ReadingPass pass, CancellationToken cancel)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                // What was left of a period may be carried over: where an earlier one changed, the limits of later ones may have.
                bool isUnsettled;
                int passes = 0;
                do
                    isUnsettled = await pass.RunAsync(cancel);
                while (isUnsettled && ++passes <= pass.Periods);

                return;
            }
            catch (UsageException error) when (error.ErrorId == "ReadingsChanged" && tries < Tries)
            {
                await Task.Delay(Random.Shared.Next(LongestPause * Math.Min(tries, TriesToLongestPause) / TriesToLongestPause), cancel);
            }
        }
    }
}
