using System.Globalization;
using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Quotas;

/// <summary>What to change of a quota; null leaves a value as it is, or takes the usual one where there is none yet.</summary>
public sealed record QuotaChange(string CustomerId, Service Service)
{
    /// <summary>How much may be used in a period; -1 for any amount.</summary>
    public decimal? Limit { get; init; }

    /// <summary>The unit of the limit.</summary>
    public string? Unit { get; init; }

    /// <summary>What happens when it is used up.</summary>
    public QuotaEnforcement? Enforcement { get; init; }

    /// <summary>After what time it begins anew.</summary>
    public QuotaPeriod? Period { get; init; }

    /// <summary>On which day.</summary>
    public int? AnchorDay { get; init; }

    /// <summary>How many percent of what was left come on top of the next period's limit.</summary>
    public decimal? CarryOver { get; init; }

    /// <summary>The hours in which use counts, as text; empty for all.</summary>
    public string? CountHours { get; init; }

    /// <summary>The days on which use counts, as text; empty for all.</summary>
    public string? CountDays { get; init; }

    /// <summary>The zone of its periods; where the quota has none yet.</summary>
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>Whether the zone was asked for, so that it replaces the one there was.</summary>
    public bool HasZone { get; init; }

    /// <summary>A time in the first period it is in force; null for the present one.</summary>
    public TimeInput? From { get; init; }
}

/// <summary>Works out and checks settings of quotas.</summary>
public static class QuotaSettings
{
    /// <summary>The largest limit.</summary>
    public const decimal LargestLimit = 1e18m;

    private const int DaysPerWeek = 7;
    private const int LongestMonth = 31;

    /// <summary>The setting that a change makes, and the day of the change, up to which it stands instead of others.</summary>
    /// <param name="change">What to change.</param>
    /// <param name="settings">The settings of that customer and service.</param>
    /// <param name="now">The time of the change.</param>
    /// <exception cref="UsageException"><c>InvalidQuota</c> and others: what is wrong with it.</exception>
    public static (QuotaSetting Setting, DateOnly Until) Apply(QuotaChange change, IEnumerable<QuotaSetting> settings, DateTimeOffset now)
    {
        List<QuotaSetting> inOrder = [.. settings.OrderBy(s => s.From)];
        // Each began by the clocks of its own zone. What has ended leaves no values behind.
        QuotaSetting? before = inOrder.LastOrDefault(s => s.From <= DayIn(Zones.Find(s.TimeZone)));
        before = before is { IsEnded: true } ? null : before;
        QuotaPeriod period = change.Period ?? before?.Period ?? QuotaPeriod.Monthly;
        // An anchor of another kind of period means nothing for this one.
        int anchor = change.AnchorDay ?? (before is not null && before.Period == period ? before.AnchorDay : 1);
        TimeZoneInfo zone = change.HasZone || before is null ? change.Zone : Zones.Find(before.TimeZone);
        var setting = new QuotaSetting
        {
            CustomerId = change.CustomerId,
            Service = change.Service.Name,
            From = default,
            Limit = change.Limit ?? before?.Limit ?? throw Invalid("A new quota needs a limit.", change.Service.Name),
            Unit = change.Unit ?? before?.Unit,
            Enforcement = change.Enforcement ?? before?.Enforcement ?? QuotaEnforcement.Soft,
            Period = period,
            AnchorDay = CheckAnchor(anchor, period),
            CarryOver = change.CarryOver ?? before?.CarryOver ?? 0,
            CountHours = WeeklyHours.Parse(change.CountHours ?? before?.CountHours.Hours ?? "", change.CountDays ?? before?.CountHours.Days ?? ""),
            TimeZone = zone.Id,
        };
        Check(setting, change.Service);
        DateTimeOffset start = QuotaCycle.Of(setting.Period, setting.AnchorDay, zone).At(TimeIn(zone)).Start;
        return (setting with { From = DateOnly.FromDateTime(start.DateTime) }, DayIn(zone));

        DateTimeOffset TimeIn(TimeZoneInfo of) => change.From is { } from ? Instants.ForPeriod(from.Start(of)) : now;

        DateOnly DayIn(TimeZoneInfo of) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(TimeIn(of), of).Date);
    }

    /// <summary>Reads a limit: zero or more, or -1 for none.</summary>
    /// <exception cref="UsageException"><c>InvalidQuantity</c>.</exception>
    public static decimal ReadLimit(object? value)
    {
        if (value is string text && text.Trim() == "-1" || value is not string and IConvertible number && IsUnlimited(number))
            return QuotaSetting.Unlimited;

        try
        {
            decimal limit = Quantity.Read(value, "limit");
            return limit <= LargestLimit
                ? limit
                : throw UsageException.Invalid("InvalidQuantity", FormattableString.Invariant($"The limit {limit} is too large: {LargestLimit:0} is the largest."), value);
        }
        catch (UsageException error)
        {
            throw UsageException.Invalid(error.ErrorId, $"{error.Message} A limit of -1 means any amount.", value, error);
        }
    }

    /// <summary>A setting in a few words.</summary>
    public static string Describe(QuotaSetting setting, Service service)
    {
        string limit = setting.Limit < 0
            ? "any amount"
            : string.Create(CultureInfo.InvariantCulture, $"{setting.Limit} {QuotaKinds.Of(service, setting.Unit).Unit}");
        return string.Create(
            CultureInfo.InvariantCulture, $"{limit}, {setting.Period.ToString().ToLowerInvariant()}, from {setting.From:yyyy-MM-dd} on ({setting.TimeZone})");
    }

    /// <summary>Checks a top-up: it needs a limit to go on top of.</summary>
    /// <param name="book">The quota.</param>
    /// <param name="customerId">The customer.</param>
    /// <param name="service">The service.</param>
    /// <param name="amount">How much, as a user gave it.</param>
    /// <param name="at">Since when it counts; null for now.</param>
    /// <param name="note">What it is for.</param>
    /// <exception cref="UsageException"><c>InvalidQuantity</c>, <c>InvalidTimestamp</c>, <c>QuotaNotFound</c> or <c>InvalidQuota</c>.</exception>
    public static Allowance CheckAllowance(QuotaBook book, string customerId, Service service, object? amount, DateTimeOffset? at, string? note)
    {
        decimal quantity = Quantity.Read(amount);
        if (quantity is 0 or > LargestLimit)
            throw UsageException.Invalid("InvalidQuantity", "A top-up is more than nothing, and at most 1e18.", amount);

        DateTimeOffset time = Instants.ForRecord(at ?? DateTimeOffset.UtcNow, DateTimeOffset.UtcNow);
        if (book.Find(customerId, service.Name)?.TermAt(time) is not { } term)
            throw NotFound(service, customerId);

        return term.Rule.IsUnlimited
            ? throw Invalid($"The quota of {service.Name} for '{customerId}' has no limit to go on top of.", service.Name)
            : new Allowance(customerId, service.Name, time, quantity, note);
    }

    /// <summary>The error for a quota that is not there.</summary>
    public static UsageException NotFound(Service service, string customerId) => new(
        UsageErrorKind.NotFound, "QuotaNotFound",
        $"There is no quota of {service.Name} for '{customerId}' at that time. Set one with Set-UsageQuota; Get-UsageQuota lists those there are.", service.Name);

    /// <summary>The error for a burn-down of no quota at all.</summary>
    public static UsageException NothingToBurnDown(string customers) => new(
        UsageErrorKind.NotFound, "QuotaNotFound",
        $"There is no quota with a limit for '{customers}'. Set one, such as Set-UsageQuota bandwidth 100, or name a service and give its limit: Get-UsageBurndown bandwidth -Limit 100.", customers);

    private static bool IsUnlimited(IConvertible number) =>
        number.GetTypeCode() is >= TypeCode.SByte and <= TypeCode.Decimal && number.ToDouble(null) == -1;

    private static int CheckAnchor(int day, QuotaPeriod period)
    {
        int last = period switch { QuotaPeriod.Daily => 1, QuotaPeriod.Weekly => DaysPerWeek, _ => LongestMonth };
        if (day >= 1 && day <= last)
            return day;

        throw Invalid(
            period switch
            {
                QuotaPeriod.Daily => $"A daily quota has no anchor day, so {day} means nothing.",
                QuotaPeriod.Weekly => $"The anchor day of a weekly quota is 1 (Monday) to 7 (Sunday), not {day}.",
                _ => $"The anchor day of a monthly quota is 1 to 31, not {day}; in a shorter month 31 is its last day.",
            },
            day);
    }

    private static void Check(QuotaSetting setting, Service service)
    {
        if (setting.CarryOver is < 0 or > 100)
            throw Invalid(FormattableString.Invariant($"{setting.CarryOver} percent cannot be carried over; give 0 to 100."), setting.CarryOver);

        (QuotaKind kind, string unit) = QuotaKinds.Of(service, setting.Unit);
        if (kind == QuotaKind.NotComparable)
        {
            throw Invalid(
                $"The service '{service.Name}' counts {service.Unit}, which cannot be held against a limit in {unit}. Leave the unit out, or give one of its own.", unit);
        }

        if (kind == QuotaKind.Level && (setting.CarryOver > 0 || !setting.CountHours.IsAlways))
        {
            throw Invalid(
                $"A limit in {unit} for '{service.Name}' is about what is kept, not about a sum: nothing of it can be carried over, and all hours count. With -Unit {service.Unit} it is about the sum.", unit);
        }
    }

    private static UsageException Invalid(string message, object target) => UsageException.Invalid("InvalidQuota", message, target);
}
