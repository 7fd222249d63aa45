namespace UsageTracking.Metering.Pricing;

/// <summary>A quantity, or the part of it in one tier, and what it costs.</summary>
/// <param name="Quantity">How much.</param>
/// <param name="UnitCost">The price of one unit, or of one package.</param>
/// <param name="FlatFee">What it costs besides.</param>
/// <param name="Amount">What it costs in all, exactly.</param>
/// <param name="Tier">The tier, from 1; null where there are none.</param>
/// <param name="Packages">The packages it begins; null where there are none.</param>
public sealed record Charge(ExactDecimal Quantity, decimal UnitCost, decimal FlatFee, ExactDecimal Amount, int? Tier = null, ExactDecimal? Packages = null);

/// <summary>
/// The arithmetic of prices. A tier's end belongs to it: the thousandth unit of a tier up to 1000 is its last. What is charged may
/// go on where an earlier charge ended, so that usage that came late costs what it adds; a quantity below zero takes back.
/// </summary>
public static class PriceCharge
{
    /// <summary>What a quantity costs on top of what was charged already.</summary>
    /// <param name="price">The price.</param>
    /// <param name="before">The quantity that was charged already.</param>
    /// <param name="quantity">The quantity to charge.</param>
    public static IReadOnlyList<Charge> Of(Price price, ExactDecimal before, ExactDecimal quantity)
    {
        if (quantity.Sign == 0)
            return [];

        return price.Model switch
        {
            PriceModel.Graduated => Graduated(price.Tiers, before, before + quantity),
            PriceModel.Volume => [Volume(price.Tiers, before, before + quantity)],
            PriceModel.Package => [Packages(price, before, before + quantity)],
            _ => [Flat(price.UnitCost, quantity)],
        };
    }

    /// <summary>Every unit at one price.</summary>
    public static Charge Flat(decimal unitCost, ExactDecimal quantity) => new(quantity, unitCost, 0, quantity * unitCost);

    private static List<Charge> Graduated(PriceTiers tiers, ExactDecimal before, ExactDecimal after)
    {
        var charges = new List<Charge>();
        for (int i = 0; i < tiers.Count; i++)
        {
            ExactDecimal quantity = Within(after, i) - Within(before, i);
            decimal fee = Fee(after, i) - Fee(before, i);
            if (quantity.Sign != 0 || fee != 0)
                charges.Add(new Charge(quantity, tiers[i].UnitCost, fee, (quantity * tiers[i].UnitCost) + fee, i + 1));
        }

        return charges;

        // How much of a quantity lies in a tier. What is below zero, after corrections alone, is in the first.
        ExactDecimal Within(ExactDecimal total, int tier)
        {
            ExactDecimal end = tiers[tier].UpTo is { } upTo && total > upTo ? upTo : total;
            ExactDecimal start = tier == 0 ? ExactDecimal.Zero : tiers[tier - 1].UpTo!.Value;
            return tier == 0 || end > start ? end - start : ExactDecimal.Zero;
        }

        decimal Fee(ExactDecimal total, int tier) => total > (tier == 0 ? 0 : tiers[tier - 1].UpTo!.Value) ? tiers[tier].FlatFee : 0;
    }

    private static Charge Volume(PriceTiers tiers, ExactDecimal before, ExactDecimal after)
    {
        // What is taken back was charged at the price of the tier that was reached with it.
        int tier = TierOf(after > before ? after : before);
        decimal fee = Fee(after) - Fee(before);
        ExactDecimal quantity = after - before;
        return new Charge(quantity, tiers[tier].UnitCost, fee, (quantity * tiers[tier].UnitCost) + fee, tier + 1);

        int TierOf(ExactDecimal total) => tiers.TakeWhile(t => t.UpTo is { } end && total > end).Count();

        decimal Fee(ExactDecimal total) => total.Sign > 0 ? tiers[TierOf(total)].FlatFee : 0;
    }

    private static Charge Packages(Price price, ExactDecimal before, ExactDecimal after)
    {
        ExactDecimal packages = Started(after, price.PackageSize!.Value) - Started(before, price.PackageSize.Value);
        return new Charge(after - before, price.UnitCost, 0, packages * price.UnitCost, null, packages);
    }

    private static ExactDecimal Started(ExactDecimal quantity, decimal size)
    {
        if (quantity.Sign <= 0)
            return ExactDecimal.Zero;

        // The quotient may have no end; the products have.
        ExactDecimal packages = quantity.DivideBy(size).Round(0);
        while (packages * size < quantity)
            packages += 1;
        while ((packages - 1) * size >= quantity)
            packages -= 1;

        return packages;
    }
}
