import{a,b}from"./chunk-R2YAGJ2T.js";import"./chunk-DVWSIPJF.js";import"./chunk-2EI3SEKM.js";import"./chunk-IYWUY3VA.js";export{b as getWorker,a as jsonDefaults};
