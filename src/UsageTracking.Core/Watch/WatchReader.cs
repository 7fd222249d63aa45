using UsageTracking.Quotas;
using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Watch;

/// <summary>Reads from a store what a watch shows: sums of one look at the buckets, and the quotas.</summary>
internal sealed class WatchReader(IUsageStore store, WatchQuestion question, TimeProvider clock)
{
    /// <summary>How many quarter hours the course has.</summary>
    public const int Quarters = 16;

    private static readonly TimeSpan QuarterHour = TimeSpan.FromMinutes(15);

    private readonly long _started = clock.GetTimestamp();
    private readonly List<string> _customers = [.. question.Customers];

    /// <summary>Reads it all.</summary>
    /// <param name="lastDay">What was today at the reading before; null at the first.</param>
    /// <param name="cancel">Cancels the queries.</param>
    public async Task<WatchReading> ReadAsync(DateTimeOffset? lastDay, CancellationToken cancel)
    {
        TimeSpan elapsed = clock.GetElapsedTime(_started);
        DateTimeOffset now = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), question.Zone);
        var instant = new TimeRange(now, now.AddTicks(1));
        Period today = Calendar.Periods(instant, PeriodKind.Daily, question.Zone)[0];
        Period month = Calendar.Periods(instant, PeriodKind.Monthly, question.Zone)[0];
        DateTimeOffset last = lastDay ?? today.Start;
        DateTimeOffset course = Instants.QuarterHour(now) - ((Quarters - 1) * QuarterHour);
        // Nothing is stored later than that. On quarter hours, no record has to be read.
        DateTimeOffset end = Instants.NextQuarterHour(now + (2 * Instants.LargestLead));
        DateTimeOffset[] bounds =
        [
            .. Enumerable.Range(0, Quarters + 1).Select(i => course + (i * QuarterHour))
                .Concat([today.Start, today.End, month.Start, month.End < end ? month.End : end, last, end]).Distinct().Order(),
        ];
        List<Period> periods = [.. bounds.Zip(bounds.Skip(1), (from, to) => new Period(from, to))];
        var scope = new ReportScope(question.HasEveryCustomer ? null : question.Customers, question.Services, new TimeRange(bounds[0], end), question.Zone)
        {
            HasEveryService = question.HasEveryService,
        };
        IReadOnlyList<PeriodFigures> figures = await scope.ReadFiguresAsync(store, scope.Range, periods, FigureParts.Quantity, cancel);
        QuotaBook book = await QuotaBook.ReadAsync(store, scope.Customers, question.Services, cancel);
        Dictionary<(string, string), QuotaStanding> quotas = (await QuotaReader.ReadAsync(store, book, book.Quotas, now, scope.Widening, cancel))
            .ToDictionary(s => (s.Quota.CustomerId, s.Quota.Service.Name));

        _customers.AddRange(figures.Select(f => f.CustomerId).Except(_customers).Order(StringComparer.Ordinal));
        ILookup<(string, string), PeriodFigures> used = figures.ToLookup(f => (f.CustomerId, f.Service));
        return new WatchReading(now, elapsed, today.Start,
        [
            .. from customer in _customers
               from service in question.Services
               let own = used[(customer, service.Name)].Select(f => (periods[f.Period].Start, Amount: new Amount(f.Figures.Events, f.Figures.Quantity))).ToList()
               select new WatchedUsage(customer, service)
               {
                   SinceLastDay = Sum(own, last, end),
                   SinceToday = Sum(own, today.Start, end),
                   Today = Sum(own, today.Start, today.End).Quantity,
                   Month = Sum(own, month.Start, month.End).Quantity,
                   Course = [.. Enumerable.Range(0, Quarters).Select(i => Sum(own, course + (i * QuarterHour), course + ((i + 1) * QuarterHour)).Quantity.ToReported())],
                   Quota = quotas.GetValueOrDefault((customer, service.Name)),
               },
        ]);
    }

    private static Amount Sum(IEnumerable<(DateTimeOffset Start, Amount Amount)> parts, DateTimeOffset start, DateTimeOffset end) =>
        parts.Where(p => p.Start >= start && p.Start < end).Aggregate(new Amount(), (sum, part) => sum + part.Amount);
}
