namespace UsageTracking.Stores;

/// <summary>Cuts the rows of a table into pages, each of which is one transaction of a copy.</summary>
internal static class CopyPages
{
    private const int MostCharacters = 8 * 1024 * 1024;

    /// <summary>Rows of a page: so many that a transaction costs little beside them, so few that no memory is missed. Tests have smaller ones.</summary>
    public static int MostRows { get; set; } = 10_000;

    /// <summary>Whether a page is to be written before more rows are read.</summary>
    public static bool IsFull(int rows, long characters) => rows >= MostRows || characters >= MostCharacters;
}
