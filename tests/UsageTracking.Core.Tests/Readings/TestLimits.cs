using UsageTracking.Metering;
using UsageTracking.Readings;
using UsageTracking.Stores;

namespace UsageTracking.Tests.Readings;

/// <summary>Calendar months in UTC from an instant on, with a limit, and with a share of what was left of the month before.</summary>
internal sealed class TestLimits(IUsageStore store, decimal limit) : IReadingLimits
{
    public DateTimeOffset From { get; init; } = DateTimeOffset.MinValue;

    public decimal CarriedOver { get; init; }

    public IReadOnlyList<ManualAllowance> Allowances { get; set; } = [];

    public async Task<ReadingPeriod?> FindAsync(string customerId, Service service, DateTimeOffset instant, CancellationToken cancel)
    {
        if (instant < From)
            return null;

        var start = new DateTimeOffset(instant.Year, instant.Month, 1, 0, 0, 0, TimeSpan.Zero);
        var period = new ReadingPeriod(start, start.AddMonths(1), limit);
        if (CarriedOver > 0 && start > From && await FindAsync(customerId, service, start.AddDays(-1), cancel) is { } before)
        {
            var filter = new UsageFilter([customerId], [service.Name]);
            IReadOnlyList<PeriodFigures> used = await store.SumBucketsAsync(filter, [before.Start, before.End], FigureParts.Quantity, cancel);
            decimal allowances = (await store.GetReadingAllowancesAsync(filter, cancel)).Where(a => a.ReadAt >= before.Start && a.ReadAt < before.End).Sum(a => a.Amount);
            period = period with { Limit = limit + (CarriedOver * Math.Max(0, before.Limit + allowances - used.Sum(u => u.Figures.Quantity.ToReported()))) };
        }

        return period with { Allowances = [.. Allowances.Where(a => a.At >= period.Start && a.At < period.End)] };
    }
}
