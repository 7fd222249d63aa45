using UsageTracking.Stores;

namespace UsageTracking.Readings;

/// <summary>Takes a reading away from those there are.</summary>
internal sealed class RemovingPass(IUsageStore store, IReadingLimits limits, MeterReading reading)
    : ReadingPass(store, limits, reading.CustomerId, reading.Service)
{
    private bool _isRemoved;

    /// <inheritdoc/>
    /// <exception cref="UsageException"><c>ReadingNotFound</c>: it is not there, or no longer.</exception>
    public override async Task<bool> RunAsync(CancellationToken cancel)
    {
        DateTimeOffset from = await FindFromAsync([(reading.Kind, reading.ReadAt)], cancel);
        ReadingHistory history = await GetHistoryAsync(from, cancel);
        // Once it is away, somebody may have added it anew.
        StoredReading? removed = _isRemoved ? null : history.Readings.FirstOrDefault(IsMeant) ?? throw reading.NotFound();
        StoredReading[] left = [.. history.Readings.Where(r => r != removed)];
        IReadOnlyList<ReadingPeriod> periods = reading.Kind == ReadingKind.Total ? [] : await FindPeriodsAsync(left, [], from, cancel);
        ReadingUpdate[] updates =
        [
            .. FindChanges(history, Derive(left, periods, from)).Select(c => c.Update),
            .. removed is null ? [] : (ReadingUpdate[])[new(removed, null)],
        ];
        if (updates.Length > 0)
            await WriteAsync(new ReadingChange(CustomerId, Service.Name, history.Revision, updates, AutoCreateCustomer: false) { IsRemoval = true }, cancel);

        _isRemoved = true;
        return IsUnsettled(periods, updates);
    }

    private bool IsMeant(StoredReading stored) =>
        (stored.Meter, stored.Kind, stored.ReadAt, stored.Value) == (reading.Meter, reading.Kind, reading.ReadAt, reading.Value);
}
