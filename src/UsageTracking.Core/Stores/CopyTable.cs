namespace UsageTracking.Stores;

/// <summary>What a column of a copied table holds. Between stores every value is text, in the one form that is said here.</summary>
public enum CopyKind
{
    /// <summary>Text, as it is.</summary>
    Text,

    /// <summary>JSON; the engines differ in blanks and the order of keys.</summary>
    Json,

    /// <summary>A JSON array of texts.</summary>
    List,

    /// <summary>Digits.</summary>
    Whole,

    /// <summary>1 or 0.</summary>
    Flag,

    /// <summary>An exact decimal, by invariant digits.</summary>
    Number,

    /// <summary>An instant in UTC, as 2026-01-30 16:45:23.123456Z.</summary>
    Time,

    /// <summary>A day, as 2026-01-30.</summary>
    Date,

    /// <summary>Bytes, in hexadecimal digits.</summary>
    Bytes,

    /// <summary>A UUID, as its 36 characters.</summary>
    Uuid,
}

/// <summary>A column of a copied table.</summary>
/// <param name="Name">Its name, the same on every engine.</param>
/// <param name="Kind">What it holds.</param>
public sealed record CopyColumn(string Name, CopyKind Kind);

/// <summary>Rows that are compared, and copied anew, together.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Service">The service.</param>
/// <param name="Month">The month in UTC, as 2026-01.</param>
public sealed record CopyGroup(string CustomerId, string Service, string Month);

/// <summary>A table that belongs to what a store is, with its columns, which are the same on every engine.</summary>
public sealed class CopyTable
{
    /// <summary>Describes a table.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="columns">Its columns, each with its kind after a colon where that is not text.</param>
    internal CopyTable(string name, string columns)
    {
        Name = name;
        Columns = [.. columns.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(ColumnOf)];
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its columns.</summary>
    public IReadOnlyList<CopyColumn> Columns { get; }

    /// <summary>The column that a sequence numbers, if one does.</summary>
    public string? Numbered { get; internal init; }

    /// <summary>The column by whose month rows are grouped, with customer and service; null where the table is looked at as a whole.</summary>
    public string? GroupedBy { get; internal init; }

    /// <summary>The columns of quantity and price, or of the cost itself, whose sums are compared.</summary>
    public (string Quantity, string Cost)? Summed { get; internal init; }

    /// <summary>The key, in whose order pages are read; none where the table is copied in one piece.</summary>
    internal string[] Key { get; init; } = [];

    /// <summary>What it is read from, where that is more than the table.</summary>
    internal string? Source { get; init; }

    /// <summary>Which of its rows are copied; null for all.</summary>
    internal string? Condition { get; init; }

    /// <summary>Whether a new store has rows in it too, which those of the copied store replace.</summary>
    internal bool IsSeeded { get; init; }

    /// <summary>Where a column stands among the others.</summary>
    public int IndexOf(string column)
    {
        for (int i = 0; i < Columns.Count; i++)
        {
            if (Columns[i].Name == column)
                return i;
        }

        throw new ArgumentException($"{Name} has no column {column}.", nameof(column));
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static CopyColumn ColumnOf(string text) => text.Split(':') is [var name, var kind]
        ? new CopyColumn(name, Enum.Parse<CopyKind>(kind, ignoreCase: true))
        : new CopyColumn(text, CopyKind.Text);
}
