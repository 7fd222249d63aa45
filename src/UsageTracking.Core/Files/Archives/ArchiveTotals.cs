using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Files.Archives;

/// <summary>What the records of an archive add up to, exactly, per customer and service.</summary>
public sealed class ArchiveTotals
{
    private readonly Dictionary<(string Customer, string Service), Line> _lines = [];

    /// <summary>How many records.</summary>
    public long Records { get; private set; }

    /// <summary>The time of the oldest one.</summary>
    public DateTimeOffset? First { get; private set; }

    /// <summary>The time of the newest one.</summary>
    public DateTimeOffset? Last { get; private set; }

    /// <summary>The customers, in order.</summary>
    public IReadOnlyList<string> CustomerIds => [.. _lines.Keys.Select(k => k.Customer).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The lines by customer and service.</summary>
    internal IEnumerable<(string Customer, string Service, Line Line)> Lines =>
        from line in _lines
        orderby line.Key.Customer, line.Key.Service
        select (line.Key.Customer, line.Key.Service, line.Value);

    internal void Add(ArchivedRecord record)
    {
        Records++;
        First = First < record.RecordedAt ? First : record.RecordedAt;
        Last = Last > record.RecordedAt ? Last : record.RecordedAt;
        (string, string) key = (record.CustomerId, record.Service);
        Line line = _lines.GetValueOrDefault(key);
        _lines[key] = new Line(
            line.Records + 1, line.Quantity + record.Quantity, line.Cost + ((ExactDecimal)record.Quantity * (record.UnitCost ?? 0)));
    }

    internal void Add(string customer, string service, Line line) => _lines.Add((customer, service), line);

    internal bool AddsUpTo(ArchiveTotals other) => _lines.Count == other._lines.Count
        && _lines.All(l => other._lines.TryGetValue(l.Key, out Line line) && line == l.Value);

    /// <summary>What a customer's records of a service add up to.</summary>
    internal readonly record struct Line(long Records, ExactDecimal Quantity, ExactDecimal Cost);
}
