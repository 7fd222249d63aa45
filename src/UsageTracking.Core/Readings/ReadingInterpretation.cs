namespace UsageTracking.Readings;

/// <summary>How a reading was understood.</summary>
public enum ReadingInterpretation
{
    /// <summary>The first of a meter that counts up: what it counted before is nobody's usage.</summary>
    Baseline,

    /// <summary>The difference from the reading before is usage.</summary>
    Usage,

    /// <summary>It opens a period: what the limit is short of by then was used before it.</summary>
    Opening,

    /// <summary>It rose within a period: so much more may be used.</summary>
    Allowance,

    /// <summary>A meter that counts up began again from zero.</summary>
    Reset,

    /// <summary>A meter that counts up went past its last number.</summary>
    RollOver,

    /// <summary>The same reading was there already; nothing changed.</summary>
    Repeated,
}
