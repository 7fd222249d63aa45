using System.Text;

namespace UsageTracking.Charts.Terminal;

/// <summary>A field of characters, each of which may also hold two by four dots of braille.</summary>
internal sealed class Canvas(int columns, int rows)
{
    private const char Blank = '\u2800';

    // Which bit of a braille character is which dot: by its row, then its column.
    private static readonly int[] Bits = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80];

    private readonly (char Symbol, int Colour)[] _cells = new (char, int)[columns * rows];

    public int Columns => columns;

    public int Rows => rows;

    public void Put(int column, int row, char symbol, int colour)
    {
        if (column >= 0 && column < columns && row >= 0 && row < rows)
            _cells[(row * columns) + column] = (symbol, colour);
    }

    public bool IsFree(int column, int row) =>
        column >= 0 && column < columns && row >= 0 && row < rows && _cells[(row * columns) + column].Symbol == default;

    /// <summary>Sets a dot; the last colour in a character is that of all its dots.</summary>
    public void Dot(int x, int y, int colour)
    {
        if (x < 0 || y < 0 || x >= columns * 2 || y >= rows * 4)
            return;

        ref (char Symbol, int Colour) cell = ref _cells[(y / 4 * columns) + (x / 2)];
        int dots = cell.Symbol is >= Blank and <= '\u28ff' ? cell.Symbol : Blank;
        cell = ((char)(dots | Bits[(y % 4 * 2) + (x % 2)]), colour);
    }

    /// <summary>A row as text, in colours where they are wanted.</summary>
    public string Row(int row, bool usesColour)
    {
        ReadOnlySpan<(char Symbol, int Colour)> cells = _cells.AsSpan(row * columns, columns);
        while (cells.Length > 0 && cells[^1].Symbol == default)
            cells = cells[..^1];

        var text = new StringBuilder();
        int colour = 0;
        foreach ((char symbol, int wanted) in cells)
        {
            if (usesColour && wanted != colour)
                text.Append(TerminalLook.Switch(wanted));
            colour = wanted;
            text.Append(symbol == default ? ' ' : symbol);
        }

        if (usesColour && colour != 0)
            text.Append(TerminalLook.Switch(0));
        return text.ToString();
    }
}
