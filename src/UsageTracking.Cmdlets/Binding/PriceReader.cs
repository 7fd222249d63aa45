using System.Globalization;
using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Binding;

/// <summary>Reads prices of parameters, and of hashtables and objects whose properties carry the parameters' names.</summary>
internal static class PriceReader
{
    /// <summary>The price that an object describes.</summary>
    /// <param name="item">A hashtable or an object.</param>
    /// <param name="catalogue">The services.</param>
    /// <param name="today">Its first day where it names none.</param>
    /// <exception cref="UsageException"><c>InvalidPrice</c> and others: what is wrong with it.</exception>
    public static Price Read(object? item, ServiceCatalogue catalogue, DateOnly today)
    {
        object given = ItemReader.Check(item);
        return Make(
            catalogue.Get(Get("Service")?.ToString() ?? throw Invalid("A price names its Service.", given)),
            Get("CustomerId"), Get("Plan"), Get("From"), Model(Get("Model")), Get("UnitCost"), Get("Tier"), Get("PackageSize"), today);

        object? Get(string name) => ItemReader.TryGet(given, name, null, out object? value) ? value : null;
    }

    /// <summary>The price that values make; null and empty text stand for nothing given.</summary>
    /// <exception cref="UsageException"><c>InvalidPrice</c> and others: what is wrong with it.</exception>
    public static Price Make(
        Service service, object? customerId, object? plan, object? from, PriceModel? model, object? unitCost, object? tiers, object? packageSize, DateOnly today) =>
        PriceRules.Make(
            service, Text(customerId) is { } customer ? CustomerIds.Check(customer) : null, Text(plan), Given(from) is { } day ? Day(day) : today, model,
            Given(unitCost) is { } cost ? Quantity.ReadUnitCost(cost) : null, Tiers(tiers), Given(packageSize) is { } size ? Quantity.Read(size, "package's size") : null);

    /// <summary>The day that somebody names: the one that the clock of a time shows.</summary>
    public static DateOnly Day(object value) => Unwrap.Base(value) switch
    {
        DateTime time => DateOnly.FromDateTime(time),
        DateTimeOffset time => DateOnly.FromDateTime(time.DateTime),
        // As Export-Csv writes a DateOnly.
        string text when DateOnly.TryParseExact(text, "MM/dd/yyyy", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) => day,
        object other => DateOnly.FromDateTime(TimeInput.From(other).Start(TimeZoneInfo.Utc).UtcDateTime),
        null => throw Invalid("A first day cannot be null.", value),
    };

    private static PriceTiers? Tiers(object? value)
    {
        object?[] items = value is null ? [] : [.. Unwrap.Items(value).SelectMany(Unwrap.Items)];
        List<PriceTier> tiers = [];
        foreach (object item in items.Where(i => i is not null and not "").Select(i => i!))
            tiers.AddRange(item is string text ? PriceTiers.Parse(text) : [Tier(item)]);

        return tiers.Count == 0 ? null : new PriceTiers(tiers);
    }

    private static PriceTier Tier(object item)
    {
        if (item is PriceTier tier)
            return tier;

        object given = ItemReader.Check(item);
        return new PriceTier(
            Get("UpTo") is { } end ? Quantity.Read(end, "tier's end") : null,
            Quantity.ReadUnitCost(Get("UnitCost") ?? throw Invalid("Each tier has a UnitCost: @{ UpTo = 1000; UnitCost = 0.01 }.", given)),
            Get("FlatFee") is { } fee ? Quantity.ReadUnitCost(fee) : 0);

        object? Get(string name) => ItemReader.TryGet(given, name, null, out object? value) ? Given(value) : null;
    }

    private static PriceModel? Model(object? value)
    {
        if (Text(value) is not { } text)
            return null;

        return Enum.TryParse(text, ignoreCase: true, out PriceModel model) && Enum.IsDefined(model)
            ? model
            : throw Invalid($"'{text}' is no model of a price. There are: {string.Join(", ", Enum.GetNames<PriceModel>())}.", text);
    }

    private static object? Given(object? value) => Unwrap.Base(value) is { } given and not "" ? given : null;

    private static string? Text(object? value) => Given(value)?.ToString();

    private static UsageException Invalid(string message, object target) => new(UsageErrorKind.InvalidInput, "InvalidPrice", message, target);
}
