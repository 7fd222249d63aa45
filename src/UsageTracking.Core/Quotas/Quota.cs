using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Quotas;

/// <summary>The quota of one customer for one service, through all time: its own settings, and where it has none its plan's.</summary>
public sealed class Quota
{
    private static readonly TimeSpan ShortestMonth = TimeSpan.FromDays(28);

    private readonly List<(DateTimeOffset From, QuotaRule? Rule)> _changes = [];

    internal Quota(string customerId, Service service, IEnumerable<QuotaSetting> settings, PlanQuota? plan)
    {
        CustomerId = customerId;
        Service = service;
        List<(DateTimeOffset From, QuotaRule Rule)> ofPlan = plan is null ? [] : RulesOf(plan);
        List<QuotaSetting> own = [.. settings.OrderBy(s => s.From)];
        AddPlan(DateTimeOffset.MinValue, own.Count > 0 ? Begin(own[0]) : DateTimeOffset.MaxValue);
        for (int i = 0; i < own.Count; i++)
        {
            DateTimeOffset from = Begin(own[i]);
            if (own[i].IsEnded)
                AddPlan(from, i + 1 < own.Count ? Begin(own[i + 1]) : DateTimeOffset.MaxValue);
            else
                _changes.Add((from, RuleOf(own[i])));
        }

        void AddPlan(DateTimeOffset from, DateTimeOffset until)
        {
            QuotaRule? atFirst = ofPlan.LastOrDefault(c => c.From <= from).Rule;
            _changes.Add((from, atFirst));
            _changes.AddRange(ofPlan.Where(c => c.From > from && c.From < until).Select(c => (c.From, (QuotaRule?)c.Rule)));
        }
    }

    /// <summary>The customer.</summary>
    public string CustomerId { get; }

    /// <summary>The service.</summary>
    public Service Service { get; }

    /// <summary>Whether there is, or was, a limit that usage can be held against.</summary>
    public bool HasLimit => _changes.Exists(c => c.Rule is { IsUnlimited: false, Kind: not QuotaKind.NotComparable });

    /// <summary>
    /// The first day of the own quota's period that a time falls into; the day itself where it only begins later, and null where
    /// there is none from then on.
    /// </summary>
    public DateOnly? FirstDayOfPeriod(TimeInput? time, DateTimeOffset now)
    {
        QuotaRule? last = _changes.FindLast(c => c.Rule?.Setting is not null).Rule;
        TimeZoneInfo zone = last?.Zone ?? TimeZoneInfo.Utc;
        DateTimeOffset instant = time is { } given ? Instants.ForPeriod(given.Start(zone)) : now;
        if (!_changes.Skip(_changes.FindLastIndex(c => c.From <= instant)).Any(c => c.Rule?.Setting is not null))
            return null;

        DateTimeOffset start = TermAt(instant) is { Rule.Setting: not null } term ? term.Start : instant;
        return DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(start, zone).Date);
    }

    /// <summary>The period that an instant falls into; null where no quota is in force.</summary>
    public QuotaTerm? TermAt(DateTimeOffset instant)
    {
        int index = _changes.FindLastIndex(c => c.From <= instant);
        if (index < 0 || _changes[index].Rule is not { } rule)
            return null;

        Period period = rule.Cycle.At(instant);
        DateTimeOffset from = _changes[index].From;
        DateTimeOffset until = index + 1 < _changes.Count ? _changes[index + 1].From : DateTimeOffset.MaxValue;
        // Another setting may begin before a period of this one ends.
        return new QuotaTerm(period.Start > from ? period.Start : from, period.End < until ? period.End : until, rule);
    }

    /// <summary>The period before; null where none was in force.</summary>
    public QuotaTerm? TermBefore(QuotaTerm term) => TermAt(term.Start.AddTicks(-1));

    private QuotaRule RuleOf(QuotaSetting setting)
    {
        (QuotaKind kind, string unit) = QuotaKinds.Of(Service, setting.Unit);
        TimeZoneInfo zone = Zones.Find(setting.TimeZone);
        return new QuotaRule
        {
            Limit = setting.Limit,
            Kind = kind,
            Unit = unit,
            Enforcement = setting.Enforcement,
            CarryOver = setting.CarryOver,
            CountHours = setting.CountHours,
            Zone = zone,
            Setting = setting,
            Cycle = QuotaCycle.Of(setting.Period, setting.AnchorDay, zone),
        };
    }

    private List<(DateTimeOffset From, QuotaRule Rule)> RulesOf(PlanQuota plan)
    {
        // A subscription for ever may be from the year 1 or -infinity on, and to infinity, where no calendar goes.
        plan = plan with { PeriodStart = Within(plan.PeriodStart), PeriodEnd = Within(plan.PeriodEnd) };
        (QuotaKind kind, string unit) = QuotaKinds.Of(Service, plan.Unit);
        QuotaCycle cycle = QuotaCycle.From(plan.PeriodStart, plan.ResetPeriod);
        // A period that begins on the last day of a short month has its end's anchor: 28 February to 31 March.
        if (QuotaCycle.From(plan.PeriodEnd, plan.ResetPeriod) is { } byEnd && byEnd.At(plan.PeriodStart) == new Period(plan.PeriodStart, plan.PeriodEnd))
            cycle = byEnd;

        var rule = new QuotaRule
        {
            Limit = plan.Limit,
            Kind = kind,
            Unit = unit,
            Enforcement = plan.Enforcement,
            Zone = TimeZoneInfo.Utc,
            PlanName = plan.PlanName,
            OveragePrice = plan.OveragePrice,
            Cycle = cycle,
        };
        // A trial is shorter than any subscription's period; what follows it counts from its end.
        return plan.PeriodEnd > plan.PeriodStart && plan.PeriodEnd - plan.PeriodStart < ShortestMonth && plan.PeriodEnd < cycle.At(plan.PeriodStart).End
            ? [(DateTimeOffset.MinValue, rule), (plan.PeriodEnd, rule with { Cycle = QuotaCycle.From(plan.PeriodEnd, plan.ResetPeriod) })]
            : [(DateTimeOffset.MinValue, rule)];

        static DateTimeOffset Within(DateTimeOffset time) =>
            time < TimeRange.Everything.Start ? TimeRange.Everything.Start : time > TimeRange.Everything.End ? TimeRange.Everything.End : time;
    }

    private static DateTimeOffset Begin(QuotaSetting setting) =>
        Zones.FirstInstant(setting.From.ToDateTime(TimeOnly.MinValue), Zones.Find(setting.TimeZone));
}
