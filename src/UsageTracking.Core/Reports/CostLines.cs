using System.Globalization;
using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;
using UsageTracking.Quotas;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>
/// Makes the lines of invoices of usage that is on none. A record is priced by the price that was in force at its time, as known when
/// it was received; where it was stamped with another (its own unit cost) it keeps that.
/// </summary>
internal sealed class CostLines(PriceBook book, IReadOnlyList<DateTimeOffset> bounds, TimeRange range, IReadOnlyList<Service> services)
{
    private readonly Dictionary<string, (Service Service, int Order)> _services =
        services.Select((s, i) => (s, i)).ToDictionary(s => s.s.Name, s => s, StringComparer.Ordinal);

    /// <summary>The lines, by customer, service, kind and time, with amounts that add up: the rest of rounding one goes into the next.</summary>
    public IReadOnlyList<InvoiceLine> Make(IReadOnlyList<PricedUsage> usage, IReadOnlyList<Overage> overages)
    {
        var lines = new List<InvoiceLine>();
        var late = new Dictionary<(string, string), ExactDecimal>();
        foreach (IGrouping<Group, PricedUsage> group in usage.Select(u => (Usage: u, Group: GroupOf(u))).Where(u => u.Group is not null).GroupBy(u => u.Group!, u => u.Usage))
        {
            ExactDecimal quantity = group.Aggregate(ExactDecimal.Zero, (sum, u) => sum + u.Quantity);
            lines.AddRange(LinesOf(group.Key, quantity, group.Max(u => u.Known)));
            if (group.Key.Kind == CostKind.Late)
                late[(group.Key.CustomerId, group.Key.Service)] = late.GetValueOrDefault((group.Key.CustomerId, group.Key.Service)) + quantity;
        }

        lines.AddRange(overages.Select(o => OverageLine(o, late.GetValueOrDefault((o.CustomerId, o.Service.Name)))).OfType<InvoiceLine>());
        return Round(
        [
            .. lines.OrderBy(l => l.CustomerId, StringComparer.Ordinal).ThenBy(l => _services[l.Service].Order).ThenBy(l => l.Kind)
                .ThenBy(l => l.Period.Start).ThenBy(l => l.Start).ThenBy(l => l.PriceId is null).ThenBy(l => l.PriceId).ThenBy(l => l.Tier).ThenBy(l => l.UnitCost),
        ]);
    }

    /// <summary>The price that usage is priced by; null where it keeps the one it was stamped with.</summary>
    public static Price? PriceOf(PriceBook book, PricedUsage usage, DateTimeOffset start) =>
        book.List.At(usage.CustomerId, usage.Service, start, book.KnownAt(usage.Known)) is { } price && price.StampedCost == usage.UnitCost ? price : null;

    private Group? GroupOf(PricedUsage usage)
    {
        DateTimeOffset start = bounds[usage.Period];
        if (!_services.ContainsKey(usage.Service))
            return null;

        StoredInvoice? covering = book.Covering(usage.CustomerId, start);
        if (covering is null && (start < range.Start || start >= range.End))
            return null;

        Price? price = PriceOf(book, usage, start);
        return new Group(
            usage.CustomerId, usage.Service, covering is null ? CostKind.Usage : CostKind.Late, covering?.Range ?? range, price, price is null ? usage.UnitCost : 0);
    }

    private IEnumerable<InvoiceLine> LinesOf(Group group, ExactDecimal quantity, int known)
    {
        Service service = _services[group.Service].Service;
        (DateTimeOffset start, DateTimeOffset end) = group.Price is null ? (group.Period.Start, group.Period.End) : InForce(group, known);
        IReadOnlyList<Charge> charges = group.Price is null
            ? quantity.Sign == 0 ? [] : [PriceCharge.Flat(group.UnitCost, quantity)]
            : PriceCharge.Of(group.Price, Invoiced(group), quantity);
        foreach (Charge charge in charges)
        {
            yield return new InvoiceLine
            {
                CustomerId = group.CustomerId,
                Service = group.Service,
                Kind = group.Kind,
                Description = Describe(group.Price, charge, service),
                Quantity = charge.Quantity,
                Unit = service.Unit,
                UnitCost = charge.UnitCost,
                FlatFee = charge.FlatFee,
                Amount = charge.Amount,
                Start = start,
                End = end,
                Tier = charge.Tier,
                PriceId = group.Price?.Id,
                Period = group.Period,
            };
        }
    }

    /// <summary>What was invoiced of the same period at the same price: tiers and packages go on from there.</summary>
    private ExactDecimal Invoiced(Group group) => book.InvoicesOf(group.CustomerId).SelectMany(i => i.Lines)
        .Where(l => l.Kind != CostKind.Overage && l.Service == group.Service && l.PriceId == group.Price!.Id && l.Period == group.Period)
        .Aggregate(ExactDecimal.Zero, (sum, line) => sum + line.Quantity);

    /// <summary>From when to when a price is in force within a period.</summary>
    private (DateTimeOffset, DateTimeOffset) InForce(Group group, int known)
    {
        DateTimeOffset? start = null;
        DateTimeOffset? end = null;
        for (int i = 0; i + 1 < bounds.Count; i++)
        {
            if (bounds[i] < group.Period.Start || bounds[i] >= group.Period.End
                || book.List.At(group.CustomerId, group.Service, bounds[i], book.KnownAt(known))?.Id != group.Price!.Id)
            {
                continue;
            }

            start ??= bounds[i];
            end = bounds[i + 1];
        }

        return (start ?? group.Period.Start, end ?? group.Period.End);
    }

    private InvoiceLine? OverageLine(Overage overage, ExactDecimal late)
    {
        var period = new TimeRange(overage.Term.Start, overage.Term.End);
        ExactDecimal invoiced = book.InvoicesOf(overage.CustomerId).SelectMany(i => i.Lines)
            .Where(l => l.Kind == CostKind.Overage && l.Service == overage.Service.Name && l.Period.Start == period.Start)
            .Aggregate(ExactDecimal.Zero, (sum, line) => sum + line.Quantity);
        ExactDecimal due = overage.Quantity - invoiced;
        // Only usage that was taken back takes overage back; a limit that has been raised since does not.
        if (due.Sign < 0 && late.Sign >= 0)
            due = ExactDecimal.Zero;

        QuotaRule rule = overage.Term.Rule;
        return due.Sign == 0 ? null : new InvoiceLine
        {
            CustomerId = overage.CustomerId,
            Service = overage.Service.Name,
            Kind = CostKind.Overage,
            Description = $"above {Text(overage.Limit)} {rule.Unit} of the plan {rule.PlanName}",
            Quantity = due,
            Unit = rule.Unit,
            UnitCost = rule.OveragePrice!.Value,
            Amount = due * rule.OveragePrice.Value,
            Start = period.Start,
            End = period.End,
            Period = period,
        };
    }

    private static string Describe(Price? price, Charge charge, Service service)
    {
        if (price is null)
            return $"{service.Unit}, priced as recorded";

        if (charge.Packages is { } packages)
            return $"{packages} {(packages == 1 ? "package" : "packages")} of {Text(price.PackageSize!.Value)} {service.Unit}";

        if (charge.Tier is not { } tier)
            return service.Unit;

        decimal? from = tier == 1 ? null : price.Tiers[tier - 2].UpTo;
        string part = price.Tiers[tier - 1].UpTo is not { } upTo ? (from is { } all ? $"above {Text(all)}" : "any")
            : from is { } above ? $"above {Text(above)} up to {Text(upTo)}" : $"up to {Text(upTo)}";
        return price.Model == PriceModel.Volume ? $"{service.Unit}, volume {part}" : $"{service.Unit}, {part}";
    }

    /// <summary>Rounds what the lines of a service add up to, so that their sum is the rounded sum.</summary>
    private static List<InvoiceLine> Round(List<InvoiceLine> lines)
    {
        (string, string) service = default;
        ExactDecimal exact = ExactDecimal.Zero;
        ExactDecimal rounded = ExactDecimal.Zero;
        for (int i = 0; i < lines.Count; i++)
        {
            if (service != (lines[i].CustomerId, lines[i].Service))
                (service, exact, rounded) = ((lines[i].CustomerId, lines[i].Service), ExactDecimal.Zero, ExactDecimal.Zero);

            exact += lines[i].Amount;
            ExactDecimal next = exact.Round(ExactDecimal.ReportedDecimals);
            lines[i] = lines[i] with { Amount = next - rounded };
            rounded = next;
        }

        return lines;
    }

    private static string Text(decimal number) => ExactDecimal.Trim(number).ToString(CultureInfo.InvariantCulture);

    private sealed record Group(string CustomerId, string Service, CostKind Kind, TimeRange Period, Price? Price, decimal UnitCost);
}
