import{Fi as a,Gi as b,Hi as c,Ii as d}from"./chunk-2EI3SEKM.js";import"./chunk-IYWUY3VA.js";export{c as HitTestContext,b as MouseTarget,d as MouseTargetFactory,a as PointerHandlerLastRenderData};
