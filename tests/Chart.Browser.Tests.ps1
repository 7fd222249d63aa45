BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/ChartSamples.ps1
    $chromium = Find-Chromium
    $cases = foreach ($scheme in 'light', 'dark') {
        foreach ($width in 960, 700, 380) {
            foreach ($file in 'burndown.svg', 'burndown.html', 'early.html', 'several.svg', 'several.html', 'hours.svg', 'edges.svg') {
                @{ Name = "$file, $scheme, $width pixels wide"; Scheme = $scheme; Width = $width; File = $file }
            }
        }
    }
}

Describe 'A chart in a browser' -Skip:(-not $chromium) {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
        . $PSScriptRoot/ChartSamples.ps1

        # A folder of the test's own, since the browser may not see every temporary one.
        $folder = (New-Item -ItemType Directory "$env:USAGE_TEST_DATA/charts-$([guid]::NewGuid())").FullName
        $nasty = 0..8 | ForEach-Object { "/api/a-long-name-$_/<script>alert(1)</script>&" }
        $several = @(
            Get-SampleTrend
            Get-SampleMeasure -Group $nasty -CustomerId '<b>A customer</b> & sons, of a very long name that has no room anywhere at all, not even on a wide screen'
            Get-SampleMeasure -Kind Hourly -Count 30 -CustomerId few
        )
        Get-SampleBurndown | Export-UsageChart "$folder/burndown.svg"
        Get-SampleBurndown | Export-UsageChart "$folder/burndown.html"
        Get-SampleBurndown -Today 2 -NoProjection -Unit 'a unit of many words' | Export-UsageChart "$folder/early.html"
        $several | Export-UsageChart "$folder/several.svg" -Title 'Everything'
        $several | Export-UsageChart "$folder/several.html" -Title 'Everything'
        Get-SampleMeasure -Kind Hourly -Count 720 | Export-UsageChart "$folder/hours.svg"

        & {
            Get-SampleMeasure -Kind Monthly -Count 21
            Get-SampleMeasure -Kind Weekly -Count 60 -Factor 1234567890
            Get-SampleMeasure -CustomerId 'below zero' -Factor -0.000012
            Get-SampleMeasure -CustomerId none -Factor 0
            Get-SampleMeasure -CustomerId one -Count 1
            Get-SampleMeasure -CustomerId year -Count 366
            Get-SampleBurndown -CustomerId one | Select-Object -First 1
        } | Export-UsageChart "$folder/edges.svg"

        $lines = @(
            @{ role = 'target'; top = '300'; points = @(0..30 | ForEach-Object { , @(($_ / 30), (300 - 10 * $_)) }) }
            @{ role = 'actual'; top = '300'; points = @(@(0..9) + 9.5 | ForEach-Object { , @(($_ / 30), (300 - 12 * $_)) }) }
            @{ role = 'projected'; top = '300'; points = @(@(9.5) + 10..30 | ForEach-Object { , @(($_ / 30), (300 - 12 * $_)) }) }
        )
        $charts = @{ 'burndown' = 1; 'early' = 1; 'several' = 4; 'hours' = 1; 'edges' = 7 }
        $verdicts = @{}
        foreach ($scheme in 'light', 'dark') {
            $wanted = foreach ($width in 960, 700, 380) {
                foreach ($file in Get-ChildItem $folder -Include *.svg, burndown.html, early.html, several.html -Recurse) {
                    @{
                        name   = "$($file.Name), $scheme, $width pixels wide"
                        file   = $file.Name
                        width  = $width
                        scheme = $scheme
                        charts = $charts[$file.BaseName]
                        lines  = $file.BaseName -eq 'burndown' ? $lines : @()
                    }
                }
            }
            $harness = (Get-Content $PSScriptRoot/ChartHarness.html -Raw).Replace('/*CASES*/[]', (ConvertTo-Json @($wanted) -Depth 6))
            Set-Content "$folder/harness-$scheme.html" $harness
            $options = @(
                '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'
                '--disable-component-update', '--disable-sync', "--user-data-dir=$folder/profile-$scheme", '--allow-file-access-from-files'
                "--blink-settings=preferredColorScheme=$($scheme -eq 'dark' ? 0 : 1)", '--window-size=1200,1000', '--virtual-time-budget=10000', '--dump-dom'
            )
            $dom = (& (Find-Chromium) @options "file://$folder/harness-$scheme.html" 2>$null) -join "`n"
            if ($dom -notmatch '(?s)<pre id="verdict">(.+?)</pre>') { throw "The browser said nothing: $dom" }
            foreach ($verdict in [System.Net.WebUtility]::HtmlDecode($Matches[1]) | ConvertFrom-Json) { $verdicts[$verdict.name] = $verdict }
        }
    }

    It 'is right: <Name>' -ForEach $cases {
        $verdict = $verdicts[$Name]
        $verdict.problems | Should -BeNullOrEmpty
        $verdict.texts | Should -BeGreaterThan 10
        if ($File -ne 'hours.svg') { $verdict.tips | Should -BeGreaterThan 25 }
        $verdict.tables | Should -Be ($File -like '*.svg' ? 0 : $File -like 'several*' ? 4 : 1)
    }
}
