using UsageTracking.Metering;
using UsageTracking.Quotas;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>Which burn-down is asked for: of the present period, of the one that begins in a month, or of any range.</summary>
public sealed record BurndownRequest
{
    /// <summary>The limit; null for the quota's.</summary>
    public decimal? Limit { get; init; }

    /// <summary>A time in the month in which the period begins.</summary>
    public TimeInput? Month { get; init; }

    /// <summary>The start of a range.</summary>
    public TimeInput? Start { get; init; }

    /// <summary>The end of a range.</summary>
    public TimeInput? End { get; init; }

    /// <summary>The zone, where no quota has one.</summary>
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>Works out what the burn-down of a customer and service is about.</summary>
    /// <exception cref="UsageException"><c>QuotaNotFound</c>: there is no limit to burn down; <c>InvalidTimestamp</c>, <c>InvalidRange</c>.</exception>
    public async Task<BurndownSubject> ResolveAsync(
        IUsageStore store, QuotaBook book, string customerId, Service service, DateTimeOffset now, Widening widening, CancellationToken cancel)
    {
        foreach (TimeInput time in new[] { Month, Start, End }.OfType<TimeInput>())
            Instants.ForPeriod(time.Start(Zone));

        Quota? quota = book.Find(customerId, service.Name);
        QuotaTerm? term = quota is null ? null : FindTerm(quota, now);
        if (Limit is null && (term is null || term.Rule.IsUnlimited || term.Rule.Kind == QuotaKind.NotComparable))
            throw NoLimit(customerId, service, term);

        QuotaRule rule = term?.Rule ?? WithoutQuota(service);
        if (rule.Kind == QuotaKind.NotComparable)
        {
            (QuotaKind kind, string unit) = QuotaKinds.Of(service, null);
            rule = rule with { Kind = kind, Unit = unit };
        }

        TimeRange calendarMonth = MonthOf(Month?.Start(Zone) ?? now, Zone);
        TimeRange period = Start is not null || End is not null
            ? TimeRange.Between(Start, End, term is null ? calendarMonth : new TimeRange(term.Start, term.End), rule.Zone)
            : term is null ? calendarMonth : new TimeRange(term.Start, term.End);
        if (period.IsEmpty)
            throw UsageException.Invalid("InvalidRange", "The range is empty: nothing can be burned down in it. Give an end after the start.");

        decimal carriedOver = Limit is null && term is not null && period.Start == term.Start && period.End == term.End
            ? (await QuotaReader.ReadAsync(store, book, [quota!], term.Start, widening, cancel))[0].CarriedOver
            : 0;
        return new BurndownSubject(customerId, service, period, rule, LimitBefore) { MeasuredFrom = await FindFirstReadingAsync(store, customerId, service, period, cancel) };

        decimal LimitBefore(DateTimeOffset instant)
        {
            decimal limit = Limit ?? (quota!.TermAt(instant.AddTicks(-1))?.Rule is { IsUnlimited: false } then ? then.Limit : rule.Limit) + carriedOver;
            return limit + book.Granted(customerId, service.Name, period.Start, instant);
        }
    }

    private static async Task<DateTimeOffset?> FindFirstReadingAsync(
        IUsageStore store, string customerId, Service service, TimeRange period, CancellationToken cancel) =>
        (await store.GetReadingsAsync(customerId, service.Name, period.Start, cancel)).Readings
            .FirstOrDefault(r => r.Kind == ReadingKind.Remaining && r.ReadAt >= period.Start && r.ReadAt < period.End)?.ReadAt;

    private QuotaTerm? FindTerm(Quota quota, DateTimeOffset now)
    {
        if (Month is not { } month)
            return quota.TermAt(End is { } end ? end.End(Zone).AddTicks(-1) : Start is { } start ? start.Start(Zone) : now);

        TimeZoneInfo zone = quota.TermAt(month.Start(Zone))?.Rule.Zone ?? Zone;
        TimeRange asked = MonthOf(month.Start(zone), zone);
        QuotaTerm? term = quota.TermAt(asked.Start);
        // A period that began before the month is another month's, unless it goes on beyond this one, as a year does.
        if (term is not null && term.Start < asked.Start && term.End < asked.End)
            term = quota.TermAt(term.End);

        return term ?? quota.TermAt(asked.End.AddTicks(-1));
    }

    private static TimeRange MonthOf(DateTimeOffset instant, TimeZoneInfo zone)
    {
        DateTime local = TimeZoneInfo.ConvertTime(instant, zone).Date;
        var first = new DateTime(local.Year, local.Month, 1);
        return new TimeRange(Zones.FirstInstant(first, zone), Zones.FirstInstant(first.AddMonths(1), zone));
    }

    private QuotaRule WithoutQuota(Service service)
    {
        (QuotaKind kind, string unit) = QuotaKinds.Of(service, null);
        return new QuotaRule { Limit = Limit!.Value, Kind = kind, Unit = unit, Enforcement = QuotaEnforcement.Soft, Zone = Zone };
    }

    private static UsageException NoLimit(string customerId, Service service, QuotaTerm? term) => new(
        UsageErrorKind.NotFound, "QuotaNotFound",
        term?.Rule.Kind == QuotaKind.NotComparable
            ? $"The quota of {service.Name} for '{customerId}' counts {term.Rule.Unit}, which usage in {service.Unit} cannot be held against. Give the limit with -Limit."
            : term is not null
            ? $"The quota of {service.Name} for '{customerId}' has no limit. Give one with -Limit."
            : $"There is no quota of {service.Name} for '{customerId}' at that time. Give the limit with -Limit, or set a quota with Set-UsageQuota, for earlier periods too with its -From.",
        service.Name);
}
