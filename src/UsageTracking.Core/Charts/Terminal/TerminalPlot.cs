namespace UsageTracking.Charts.Terminal;

/// <summary>Draws the lines, bands and bars of a chart on a canvas.</summary>
internal sealed class TerminalPlot(Chart chart, TerminalSettings settings, ValueAxis axis, Canvas canvas)
{
    private const string Eighths = " ▁▂▃▄▅▆▇█";

    private readonly bool _isStacked = chart.Series.Count(s => s.IsBars) > 1;

    // Dots per character: braille has two by four, ASCII is its own dot.
    private int Across => settings.IsAscii ? 1 : 2;

    private int Down => settings.IsAscii ? 1 : 4;

    /// <summary>The column of an instant, as a fraction.</summary>
    public double Column(DateTimeOffset at) => canvas.Columns * Share(at);

    /// <summary>The row of a value.</summary>
    public int Row(decimal value) => Y(value) / Down;

    public void Draw()
    {
        foreach (ChartSeries series in chart.Series.Where(s => s.HasBand))
            DrawBand(series);
        if (axis.Min < 0)
            FillRow(Row(0), settings.IsAscii ? '-' : '─');
        if (chart.Now is { } now)
        {
            for (int row = 0; row < canvas.Rows; row++)
                canvas.Put(X(now) / Across, row, TerminalLook.NowSymbol(settings), TerminalLook.Faint);
        }

        DrawBars();
        // The most important line comes last, so that nothing hides it.
        for (int i = chart.Series.Count - 1; i >= 0; i--)
        {
            if (!chart.Series[i].IsBars)
                DrawLine(i);
        }
    }

    private double Share(DateTimeOffset at) => (double)(at - chart.Start).Ticks / (chart.End - chart.Start).Ticks;

    private int X(DateTimeOffset at) => (int)Math.Round(((canvas.Columns * Across) - 1) * Share(at));

    private int Y(decimal value) => (int)Math.Round(((canvas.Rows * Down) - 1) * (1 - axis.Share(value)));

    private void FillRow(int row, char symbol)
    {
        for (int column = 0; column < canvas.Columns; column++)
        {
            if (canvas.IsFree(column, row))
                canvas.Put(column, row, symbol, TerminalLook.Faint);
        }
    }

    private void DrawBand(ChartSeries series)
    {
        int colour = TerminalLook.Faint;
        foreach (IReadOnlyList<ChartPoint> stretch in series.BandStretches())
        {
            for (int i = 1; i < stretch.Count; i++)
            {
                (ChartPoint from, ChartPoint to) = (stretch[i - 1], stretch[i]);
                int first = X(from.At) / Across;
                int last = X(to.At) / Across;
                for (int column = first; column <= last; column++)
                {
                    decimal part = last == first ? 1 : (decimal)(column - first) / (last - first);
                    decimal low = from.Low!.Value + ((to.Low!.Value - from.Low.Value) * part);
                    decimal high = from.High!.Value + ((to.High!.Value - from.High.Value) * part);
                    for (int row = Row(high); row <= Row(low); row++)
                        canvas.Put(column, row, TerminalLook.BandSymbol(settings), colour);
                }
            }
        }
    }

    private void DrawLine(int index)
    {
        ChartSeries series = chart.Series[index];
        int colour = TerminalLook.Colour(chart, index);
        int step = 0;
        foreach (IReadOnlyList<ChartPoint> stretch in series.Stretches())
        {
            (int x, int y) = (X(stretch[0].At), Y(stretch[0].Value!.Value));
            Spot(series.Role, x, y, step++, colour);
            foreach (ChartPoint point in stretch.Skip(1))
            {
                (int toX, int toY) = (X(point.At), Y(point.Value!.Value));
                int steps = Math.Max(Math.Abs(toX - x), Math.Abs(toY - y));
                for (int i = 1; i <= steps; i++)
                    Spot(series.Role, x + (int)Math.Round((double)(toX - x) * i / steps), y + (int)Math.Round((double)(toY - y) * i / steps), step++, colour);
                (x, y) = (toX, toY);
            }
        }
    }

    // Solid and thick, dashed, or dotted.
    private void Spot(ChartRole role, int x, int y, int step, int colour)
    {
        if (settings.IsAscii)
        {
            canvas.Put(x, y, TerminalLook.LineSymbol(role), colour);
            return;
        }

        bool isOn = role switch
        {
            ChartRole.Actual => true,
            ChartRole.Projected => step % 6 < 4,
            _ => step % 3 == 0,
        };
        if (!isOn)
            return;

        canvas.Dot(x, y, colour);
        if (role == ChartRole.Actual)
            canvas.Dot(x, y + (y + 1 < canvas.Rows * Down ? 1 : -1), colour);
    }

    // Where a column stands for several slots, the largest is seen.
    private void DrawBars()
    {
        int gap = canvas.Columns >= chart.Slots.Count * 3 ? 1 : 0;
        foreach (IGrouping<int, ChartBar> stack in chart.Bars().GroupBy(b => b.Slot).OrderBy(s => s.Sum(b => Math.Abs(b.To - b.From))))
        {
            ChartSlot slot = chart.Slots[stack.Key];
            int left = Math.Min((int)Math.Round(Column(slot.Start)), canvas.Columns - 1);
            int right = (int)Math.Round(Column(slot.End));
            int width = Math.Max(right - left - gap, 1);
            foreach (ChartBar bar in stack)
                DrawBar(bar, left, width, slot.IsPartial ? TerminalLook.PartialFill(settings) : TerminalLook.Fill(chart, bar.Series, settings));
        }
    }

    private void DrawBar(ChartBar bar, int left, int width, char fill)
    {
        int colour = TerminalLook.Colour(chart, bar.Series);
        // In a stack, the cell that two pieces share is the upper one's or the lower one's.
        bool isFine = fill == '█' && bar.To > bar.From && !_isStacked;
        double lower = axis.Share(Math.Min(bar.From, bar.To)) * canvas.Rows;
        double upper = axis.Share(Math.Max(bar.From, bar.To)) * canvas.Rows;
        int first = (int)Math.Round(lower);
        int last = isFine ? (int)Math.Floor(upper) : (int)Math.Round(upper);
        for (int level = first; level < last; level++)
            PutLevel(level, fill);

        int eighths = (int)Math.Round((upper - Math.Floor(upper)) * 8);
        if (isFine && eighths > 0 && last >= first)
            PutLevel(last, Eighths[eighths]);
        // What is more than nothing shows.
        else if (last <= first && bar.From == 0 && bar.To > 0)
            PutLevel(first, settings.IsAscii ? '_' : '▁');

        void PutLevel(int level, char symbol)
        {
            for (int i = 0; i < width; i++)
                canvas.Put(left + i, canvas.Rows - 1 - level, symbol, colour);
        }
    }
}
