BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/ChartSamples.ps1
}

Describe 'Show-UsageChart' {
    BeforeAll {
        $burndown = Get-SampleBurndown
    }

    It 'writes a line of text per line of the chart' {
        $lines = $burndown | Show-UsageChart -Width 80 -Height 20
        $lines.Count | Should -Be 20
        $lines | ForEach-Object { $_.GetType() } | Select-Object -Unique | Should -Be ([string])
        $lines[0] | Should -BeExactly 'bandwidth: what is left'
        $lines[1] | Should -BeExactly 'home · June 2014 · 186 of 300 GB left, 19 GB behind target'
        $lines[2] | Should -BeLike 'GB  * Actual  * Projected  * Likely range  * Target  * Now, 10 Jun 12:00'
        ($lines | Where-Object { $_ -match '^ *300 ┤' }).Count | Should -Be 1
        $lines[-1] | Should -Match '^ +1 Jun +8 Jun +15 Jun +22 Jun +29 Jun$'
    }

    It 'keeps to -Width and -Height' {
        foreach ($width in 10, 16, 25, 39, 60, 132) {
            $lines = $burndown | Show-UsageChart -Width $width -Height 16
            $lines.Count | Should -Be 16
            ($lines | ForEach-Object Length | Measure-Object -Maximum).Maximum | Should -BeLessOrEqual $width
        }
    }

    It 'takes the width from the window, and 80 columns where there is none' {
        $width = try { $Host.UI.RawUI.WindowSize.Width } catch { 0 }
        $expected = $width -ge 10 ? $width - 1 : 80
        $lines = $burndown | Show-UsageChart
        ($lines | ForEach-Object Length | Measure-Object -Maximum).Maximum | Should -Be $expected
    }

    It 'keeps to ASCII with -Ascii' {
        $lines = Get-SampleBurndown -CustomerId "Zoë`e[31m" | Show-UsageChart -Width 80 -Height 20 -Ascii
        $lines -join '' | Should -Not -Match '[^\x20-\x7e]'
        $lines[1] | Should -BeLike 'Zo???31m - June 2014*'
        $lines[2] | Should -BeExactly 'GB  ### Actual  ooo Projected  ~~ Likely range  ... Target  | Now, 10 Jun 12:00'
    }

    It 'lets no customer control the terminal' {
        (Get-SampleBurndown -CustomerId "evil`e]0;title`a" | Show-UsageChart -Width 80) -join '' | Should -Not -Match '[\x00-\x1f\x7f]'
    }

    It 'draws trends, measures and days, each service and customer by itself' {
        $lines = Get-SampleTrend | Show-UsageChart -Width 80 -Height 12
        $lines | Where-Object { $_ -like '*: usage per day' } | Should -Be 'api: usage per day', 'compute: usage per day'
        $lines.Count | Should -Be 25 # an empty line between them
        $lines -join "`n" | Should -Match 'part of a day'

        (Get-SampleMeasure -Kind Hourly -Count 24 | Show-UsageChart -Width 80)[0] | Should -Be 'api: usage per hour'
        $grouped = Get-SampleMeasure -Group (0..8 | ForEach-Object { "/$_" }) | Show-UsageChart -Width 100
        $grouped -join "`n" | Should -Match '3 others'
    }

    It 'draws what the cmdlets of reports write' {
        $store = New-TestStore -Kind Sqlite
        try {
            1..5 | ForEach-Object { Add-UsageRecord api (10 * $_) -Timestamp "2026-01-0$_" }
            Measure-Usage Daily -Start 2026-01 -End 2026-01 -Service api | Show-UsageChart -Width 60 -Height 12 | Select-Object -First 2 |
                Should -Be 'api: usage per day', 'default · 1 to 5 January 2026 · 150 requests in all'
            Measure-Usage Daily -Start 2026-01 -End 2026-01 -Service api -GroupBy none -WarningAction Ignore | Show-UsageChart -Width 60 | Should -Contain 'api: usage per day'
            Get-Usage api -Start 2026-01 -End 2026-01 -Detailed | Show-UsageChart -Width 60 | Select-Object -Index 1 |
                Should -Be 'default · January 2026 · 150 requests in all'
            Get-UsagePeak api Daily 2 -Start 2026-01 -End 2026-01 | Show-UsageChart -Width 60 | Select-Object -First 2 |
                Should -Be 'api: busiest days', 'default · 4 to 5 January 2026'
            Get-UsageTrend api | Show-UsageChart -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $problem.FullyQualifiedErrorId | Should -BeLike 'NothingToShow,*'
        }
        finally {
            Remove-TestStore $store
        }
    }

    It 'takes a whole report by name too' {
        (Show-UsageChart -InputObject $burndown -Width 80 -Height 20) -join "`n" | Should -Be (($burndown | Show-UsageChart -Width 80 -Height 20) -join "`n")
    }

    It 'has a heading of one''s own' {
        ($burndown | Show-UsageChart -Title 'At home' -Width 80)[0] | Should -Be 'At home'
        Get-SampleTrend | Show-UsageChart -Title 'Both' -Width 80 | Select-Object -First 3 | Should -Be 'Both', '', 'api: usage per day'
    }

    It 'says what it cannot draw, and draws the rest' {
        $lines = @($burndown) + 'text' + $null + (Get-Item $PSScriptRoot) | Show-UsageChart -Width 80 -ErrorVariable problem -ErrorAction SilentlyContinue
        $lines[0] | Should -Be 'bandwidth: what is left'
        $problem.FullyQualifiedErrorId | Should -Be (@('NotAReport,UsageTracking.Cmdlets.Commands.ShowUsageChartCommand') * 3)
        $problem[0].TargetObject | Should -Be 'text'
        { 'text' | Show-UsageChart } | Should -Throw -ErrorId 'NotAReport,*'
        { @() | Show-UsageChart } | Should -Throw -ErrorId 'NothingToShow,*'
    }

    It 'leaves no escape character in what is kept' {
        $kept = $burndown | Show-UsageChart -Width 60
        $kept -join "`n" | Should -Not -Match '\x1b'
        $kept | Out-String | Should -Not -Match '\x1b'
        $kept | Out-File "$TestDrive/1.txt"
        $burndown | Show-UsageChart -Width 60 > "$TestDrive/2.txt"
        $burndown | Show-UsageChart -Width 60 | Set-Content "$TestDrive/3.txt"
        Get-Item "$TestDrive/*.txt" | ForEach-Object { Get-Content $_ -Raw } | Should -Not -Match '\x1b'
        Get-Content "$TestDrive/1.txt" | Should -Be $kept

        $other = Invoke-OtherPwsh {
            . $args[0]
            Get-SampleBurndown | Show-UsageChart -Width 60
        } -ArgumentList "$PSScriptRoot/ChartSamples.ps1"
        $other -join "`n" | Should -Be ($kept -join "`n")
    }

    It 'has colours on a terminal, and none where NO_COLOR or plain text is asked for' -Skip:(-not (Get-Command script -ErrorAction Ignore) -or -not $IsLinux) {
        # The program gives its command a terminal of its own.
        Set-Content "$TestDrive/terminal.ps1" @"
`$ErrorActionPreference = 'Stop'
Import-Module '$PSScriptRoot/../module/UsageTracking.psd1'
. '$PSScriptRoot/ChartSamples.ps1'
if (`$args[0]) { `$PSStyle.OutputRendering = `$args[0] }
Get-SampleBurndown | Show-UsageChart -Width 60 -Height 16
Get-SampleBurndown | Show-UsageChart -Width 60 -Height 16 > '$TestDrive/terminal.txt'
"@
        function Get-Terminal([string] $Rendering) {
            (script --quiet --return --command "stty cols 100 rows 40; pwsh -NoProfile -NonInteractive -File '$TestDrive/terminal.ps1' $Rendering" /dev/null) -join "`n"
        }
        $env:TERM = $env:TERM ? $env:TERM : 'xterm'
        Get-Terminal | Should -Match '\x1b\[36m⠶⠶⠶\x1b\[(39|0)m Actual'
        Get-Content "$TestDrive/terminal.txt" -Raw | Should -Not -Match '\x1b'
        Get-Content "$TestDrive/terminal.txt" -Raw | Should -Match '⠶⠶⠶ Actual'
        Get-Terminal PlainText | Should -Not -Match '\x1b\[36m'
        $env:NO_COLOR = '1'
        try { Get-Terminal | Should -Not -Match '\x1b\[36m' } finally { $env:NO_COLOR = $null }
    }
}
