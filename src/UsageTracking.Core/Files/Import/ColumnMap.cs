namespace UsageTracking.Files.Import;

/// <summary>Which column gives what: by the exports' names, by those of the properties, or as the caller says.</summary>
public sealed class ColumnMap
{
    private static readonly (string Column, RecordField Field)[] KnownColumns =
    [
        ("service", RecordField.Service),
        ("service_name", RecordField.Service),
        ("quantity", RecordField.Quantity),
        ("timestamp", RecordField.Timestamp),
        ("recorded_at", RecordField.Timestamp),
        ("metadata", RecordField.Metadata),
        ("customer_id", RecordField.CustomerId),
        ("CustomerId", RecordField.CustomerId),
        ("unit_cost", RecordField.UnitCost),
        ("UnitCost", RecordField.UnitCost),
        ("event_key", RecordField.EventKey),
        ("EventKey", RecordField.EventKey),
    ];

    // Clock times in a file that has these are UTC, as the exports write them.
    private static readonly HashSet<string> ExportColumns = new(StringComparer.OrdinalIgnoreCase) { "timestamp", "unit_cost", "total_cost" };

    private readonly Dictionary<string, RecordField[]> _fields = new(StringComparer.OrdinalIgnoreCase);
    private readonly IReadOnlyDictionary<RecordField, string> _chosen;
    private readonly IReadOnlySet<RecordField> _given;
    private readonly int _needed;

    /// <summary>A map.</summary>
    /// <param name="chosen">The columns that the caller chose; what is not in it comes from the columns known by name.</param>
    /// <param name="given">What is known otherwise; no column is read for it.</param>
    public ColumnMap(IReadOnlyDictionary<RecordField, string> chosen, IReadOnlySet<RecordField> given)
    {
        _chosen = chosen.Where(c => !given.Contains(c.Key)).ToDictionary();
        _given = given;
        _needed = _chosen.Keys.Aggregate(given.Contains(RecordField.Service) ? 0 : SetOf(RecordField.Service), (set, field) => set | SetOf(field));
        IEnumerable<(string Column, RecordField Field)> columns =
            KnownColumns.Where(c => !chosen.ContainsKey(c.Field) && !given.Contains(c.Field)).Concat(_chosen.Select(c => (c.Value, c.Key)));
        foreach (IGrouping<string, (string Column, RecordField Field)> column in columns.GroupBy(c => c.Column, StringComparer.OrdinalIgnoreCase))
            _fields[column.Key] = [.. column.Select(c => c.Field)];
    }

    /// <summary>The columns known by name, and nothing else.</summary>
    public static ColumnMap Known { get; } = new(new Dictionary<RecordField, string>(), new HashSet<RecordField>());

    /// <summary>What a column gives; nothing, for most of those that other programs write.</summary>
    public IReadOnlyList<RecordField> this[string column] => _fields.TryGetValue(column.Trim(), out RecordField[]? fields) ? fields : [];

    /// <summary>Whether a file is asked for this at all.</summary>
    internal bool Reads(RecordField field) => !_given.Contains(field);

    /// <summary>Whether the columns are those of an export of this module.</summary>
    internal static bool IsExport(IEnumerable<string> columns) => ExportColumns.IsSubsetOf(columns);

    /// <summary>Whether an export has a column of this name.</summary>
    internal static bool IsOfExport(string column) => ExportColumns.Contains(column);

    /// <summary>How many of such columns it takes.</summary>
    internal static int ExportColumnCount => ExportColumns.Count;

    /// <summary>Refuses columns among which a chosen one or a service is missing; an absent quantity would silently be 1.</summary>
    /// <param name="seen">The set of what there was a column for.</param>
    /// <param name="columns">The names of the columns, for the message.</param>
    /// <exception cref="UsageException"><c>ColumnNotFound</c>.</exception>
    internal void Check(int seen, IEnumerable<string> columns)
    {
        if ((seen & _needed) == _needed)
            return;

        foreach ((RecordField field, string column) in _chosen)
        {
            if ((seen & SetOf(field)) == 0)
                throw Missing($"There is no column '{column}', which -Map names for {field}.", [.. columns]);
        }

        throw Missing("There is no column 'service'. Name the one that has it with -Map @{ Service = '...' }, or give -Service.", [.. columns]);
    }

    /// <summary>A set of fields, as bits, with this one in it.</summary>
    internal static int SetOf(RecordField field) => (int)(1 << (int)field);

    private static UsageException Missing(string message, IReadOnlyList<string> columns) => UsageException.Invalid("ColumnNotFound",
        $"{message} There {(columns.Count == 1 ? "is" : "are")}: {string.Join(", ", columns)}.", null);
}
